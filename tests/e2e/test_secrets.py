"""Secrets with a Docker engine: what the image holds, what its containers are given.

One story: each test goes on from where the one before it ended.
"""

from __future__ import annotations

import os
import subprocess
import threading
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import pytest

from mldeploy.images.docker.searching import search
from tests.e2e.conftest import Cli
from tests.support.canaries import CREDENTIALS, ENVIRONMENT, IN_FILE, MARK, SHELL
from tests.support.embedded import client_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "iris-secrets"
MINE = """
import os

FOUND = [os.environ[name] for name in ("PASSWORD", "SIGNING_KEY", "TOKEN")]


def handle(event, context):
    return {"lengths": [len(one) for one in FOUND]}
"""
LENGTHS = [len(SHELL["PASSWORD"]), len(SHELL["SIGNING_KEY"]), len(IN_FILE["TOKEN"])]


@dataclass(frozen=True)
class Story:
    """A project with canaries in place, and the command line with an AWS of its own."""

    folder: Path
    cli: Cli

    def run(self, *arguments: str, **environment: str) -> Any:
        return self.cli(self.folder, *arguments, **environment)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory, engine: Any) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("secrets")
    nothing_of_aws = {
        name: value for name, value in os.environ.items() if not name.startswith("AWS_")
    }
    ours = {"MLDEPLOY_LOCAL_DIR": str(folder / "cloud"), "NO_COLOR": "1"}
    found = Story(folder / NAME, Cli({**nothing_of_aws, **ours, **CREDENTIALS, **SHELL}))
    found.cli(folder, "init", NAME, "--yes", "--auth", "none").ok()
    file = found.folder / "mldeploy.toml"
    text = file.read_text().replace("[image]", '[image]\ninclude = ["mine.py"]')
    text += '\n[functions.mine]\nroute = "POST /mine"\nhandler = "mine:handle"\n'
    file.write_text(text + ENVIRONMENT.format(function="mine"))
    (found.folder / "mine.py").write_text(MINE)
    (found.folder / ".env").write_text(f"TOKEN={IN_FILE['TOKEN']}\n")
    found.run("train").ok()
    yield found
    found.run("local", "stop")
    for image in engine.images.list(filters={"label": f"mldeploy.project={NAME}"}):
        engine.api.remove_image(image.id, force=True)


class Listing:
    """Notes the command lines of all processes while a block runs."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._ends.wait(0.05):
            listed = subprocess.run(
                ["ps", "axww", "-o", "args="], capture_output=True, text=True, check=True
            )
            self.seen |= set(listed.stdout.splitlines())


def test_an_image_and_its_build_hold_no_secret(story: Story, engine: Any) -> None:
    """Not a layer, a label, a setting, the history, a line, or any process's command line."""
    with Listing() as listing:
        built = story.run("build", "--debug", "-o", "json").ok()
    assert any("mldeploy build" in one for one in listing.seen)
    for text in (built.out, built.err, *listing.seen):
        assert MARK not in text
    assert not search(engine.api, built.json["result"]["image"], [MARK]).secret


def test_a_handler_whose_secret_has_no_value_here_says_so(story: Story) -> None:
    """The trial's container has no network and no AWS: the variable is named."""
    without = {name: value for name, value in story.cli.environment.items() if name != "PASSWORD"}
    ran = replace(story, cli=Cli(without)).run("build", "--debug")
    assert (ran.code, "MLD305" in ran.err) == (5, True)
    assert "no value for PASSWORD on this machine: set it in the shell or in .env" in ran.err
    assert MARK not in ran.out + ran.err


def test_a_local_call_has_the_values_of_shell_and_file(story: Story) -> None:
    """In the image and in a process, with nothing of them in what is written."""
    for more in ((), ("--process",)):
        where = () if more else ("--local",)
        with Listing() as listing:
            ran = story.run("invoke", *where, *more, "--function", "mine", "-o", "json", "-d", "{}")
        assert ran.ok().json["result"]["body"] == {"lengths": LENGTHS}
        for text in (ran.out, ran.err, *listing.seen):
            assert MARK not in text


def test_containers_of_the_embedded_aws_have_its_values(story: Story) -> None:
    """A release whose secret isn't in its stores is refused; a later start reads what is there."""
    story.run("local", "start").ok()
    cloud = story.run("local", "status", "-o", "json").ok().json["result"]
    refused = story.run("deploy", "--target", "local", "--yes")
    assert (refused.code, "MLD501" in refused.err) == (6, True), refused.err
    assert "PASSWORD (ssm /iris/password)" in refused.err, refused.err

    def client(service: str) -> Any:
        return client_at(service, "us-east-1", cloud["endpoint"], cloud["credentials"])

    for name, text in (("password", "1"), ("key", "22")):
        client("ssm").put_parameter(Name=f"/iris/{name}", Value=text, Type="SecureString")
    client("secretsmanager").create_secret(Name="iris/api", SecretString='{"token": "333"}')
    story.run("deploy", "--target", "local", "--yes").ok()
    asked = ("invoke", "--target", "local", "--direct", "--function", "mine", "-o", "json")
    assert story.run(*asked, "-d", "{}").ok().json["result"]["body"] == {"lengths": [1, 2, 3]}
    story.run("destroy", "--target", "local", "--confirm", NAME).ok()

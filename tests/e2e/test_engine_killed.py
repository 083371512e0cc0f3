"""A real dockerd gets SIGKILL in the middle of the real command, and starts again on its data.

It is an engine of this test's own, which builds and pushes; the functions of the emulated AWS run
on the other one. One story: each test goes on from where the one before it ended.
"""

import json
import os
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mldeploy.images.docker.trial import PASSING, remove_left
from tests.cloud import base_image
from tests.cloud.cloud import Cloud
from tests.cloud.state import CloudError
from tests.e2e.conftest import Cli, Ran, unavailable
from tests.support.cutting import Cutting, cutting
from tests.support.own_engine import OwnEngine, own_engine
from tests.support.served import tiny_project

NAME = "killed-engine"
BASE = base_image.name_of(f"{sys.version_info.major}.{sys.version_info.minor}")
CONFIG = f"""\
[project]
name = "{NAME}"
[image]
base = "{BASE}"
dockerfile = "Dockerfile"
include = ["tiny.py", "helper.py", "ballast"]
[functions.echo]
handler = "tiny:handle"
route = "ANY /echo/{{path+}}"
[api]
auth = "none"
"""
DOCKERFILE = """\
ARG BASE
FROM ${BASE}
COPY endpoint/ /var/task/endpoint/
COPY model/ /var/task/model/
COPY include/ /var/task/
"""
DEPLOY = ("deploy", "--yes", "-o", "json")
BALLAST = 4_000_000
ONE_MEGABYTE = 1_000_000
DEAD = "no Docker engine answers at DOCKER_HOST="
BROKE = "the connection to the Docker engine broke"
WRITES = re.compile(rb"^(?:POST|PUT|PATCH|DELETE) (/20\d\d-\d\d-\d\d/functions|/v2/apis)\b")


@dataclass
class Story:
    """A project that is deployed, and the parts that are watched.

    Attributes:
        root: the project's folder.
        scratch: the temporary folder of the commands.
        own: the engine that is killed.
        registry: between that engine and the emulated ECR.
        cloud: the emulated AWS.
        cli: the command line, pointed at that engine.
        writes: what the commands asked Lambda and the gateway to change.
        value: what the project's code answers.
        served: what the code that was deployed last answers.
        url: of the API.
    """

    root: Path
    scratch: Path
    own: OwnEngine
    registry: Cutting
    cloud: Cloud
    cli: Cli
    writes: list[bytes] = field(default_factory=list)
    value: int = 0
    served: int = 0
    url: str = ""

    def change(self, last_step: str = "") -> None:
        """Write code that answers otherwise: another image, with a layer that doesn't compress."""
        self.value += 1
        (self.root / "Dockerfile").write_text(DOCKERFILE + last_step)
        (self.root / "helper.py").write_text(f"VALUE = {self.value}\n")
        (self.root / "ballast").write_bytes(os.urandom(BALLAST))

    def note(self, piece: bytes, _so_far: int) -> bool:
        """Look at what goes to AWS, and let it pass."""
        self.writes.extend(WRITES.findall(piece))
        return False

    def run(self, *arguments: str) -> Ran:
        self.writes.clear()
        ran = self.cli(self.root, *arguments)
        assert "Traceback" not in ran.err
        assert not list(self.scratch.iterdir())
        return ran

    def answer(self) -> int:
        """Ask the public URL for the value of the code that is served."""
        status, body = self.cloud.open(f"{self.url}/echo/x", b"{}")
        assert status == 200, body
        return int(json.loads(body)["value"])

    def images(self) -> dict[str, str]:
        """Return the digests of the emulated ECR by tag."""
        found = self.cloud.images(f"mldeploy/{NAME}")
        return {tag: one["imageDigest"] for tag, one in found.items()}

    def deploy(self) -> None:
        """Deploy, undisturbed: the code is served, by the digest that ECR has for its tag."""
        result = self.run(*DEPLOY).ok().json["result"]
        (function,) = result["functions"]
        self.url, self.served = result["url"], self.value
        assert function["digest"] == self.images()[function["image"]]
        assert self.writes
        assert self.answer() == self.served


@pytest.fixture
def story(place: Story) -> Iterator[Story]:
    """Go on with the story, and have the engine back in the end, whatever came of it."""
    yield place
    place.registry.up = lambda _piece, _: False
    place.own.start()


@pytest.fixture(scope="module")
def place(engine: Any, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    root = tiny_project(tmp_path_factory.mktemp("killed") / "tiny", CONFIG)
    scratch = tmp_path_factory.mktemp("scratch")
    there = ("127.0.0.1", cloud.port)
    try:
        with (
            own_engine(cloud.port) as own,
            cutting(there, own.listening) as registry,
            cutting(there) as aws,
        ):
            own.client().images.load(engine.images.get(BASE).save(named=BASE))
            environment = cloud.environment(
                MLDEPLOY_DEPLOY__APPROVE="auto",
                NO_COLOR="1",
                AWS_ENDPOINT_URL=f"http://127.0.0.1:{aws.port}",
                DOCKER_HOST=own.address,
                TMPDIR=str(scratch),
            )
            found = Story(root, scratch, own, registry, cloud, Cli(environment))
            aws.up = found.note
            found.change()
            try:
                found.deploy()
                yield found
            finally:
                found.cli(root, "destroy", "--confirm", NAME).ok()
    except CloudError as error:
        unavailable(error)


def when_started(own: OwnEngine, name: str) -> threading.Event:
    """Kill the engine as soon as it has started a container whose name begins so."""
    started = own.client().events(decode=True, filters={"type": "container", "event": "start"})
    killed = threading.Event()

    def watch() -> None:
        for event in started:
            if re.match(name, event["Actor"]["Attributes"]["name"]):
                own.kill()
                killed.set()
                return

    threading.Thread(target=watch, daemon=True).start()
    return killed


def when_uploading(own: OwnEngine, registry: Cutting) -> threading.Event:
    """Kill the engine as soon as it has sent a megabyte of a layer, which doesn't arrive whole."""
    killed = threading.Event()

    def watch(_piece: bytes, so_far: int) -> bool:
        if so_far > ONE_MEGABYTE and not killed.is_set():
            killed.set()
            own.kill()
        return False

    registry.up = watch
    return killed


def assert_told(ran: Ran, message: str, advice: str) -> None:
    error = ran.json["error"]
    assert (ran.code, error["exit_code"], error["code"]) == (5, 5, "MLD301")
    assert message in error["message"]
    assert advice in error["hint"]


def assert_refused(story: Story, before: dict[str, str]) -> None:
    """Deploy: the cause is named, Lambda was asked for no change, and what was served is served."""
    ran = story.run(*DEPLOY)
    assert_told(ran, BROKE, "restart the engine, and run the command again")
    assert "function" in ran.json["error"]["details"]["not done"]
    assert story.writes == []
    assert story.images() == before
    assert story.answer() == story.served


def test_an_engine_that_is_killed_in_the_check(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`build` says so, then that nobody answers, and once the engine is back it succeeds.

    The check's container, which nobody could remove, is removed when it is old enough.
    """
    story.change()
    killed = when_started(story.own, "mldeploy-check-")
    # A request of the command's breaks, or the next one finds nobody.
    told = story.run("build", "-o", "json")
    gone = DEAD in told.out
    assert_told(
        told,
        *(
            (DEAD, "start the engine")
            if gone
            else (BROKE, "restart the engine, and run the command")
        ),
    )
    assert killed.is_set()
    dead = story.run("build", "-o", "json")
    assert_told(dead, f"{DEAD}{story.own.address}", "start the engine")
    story.own.start()
    assert story.run("build", "-o", "json").ok().json["result"]["image"]
    assert story.answer() == story.served
    engine = story.own.client()
    (left,) = engine.containers.list(all=True, filters={"label": list(PASSING)})
    assert (left.name.startswith("mldeploy-check-"), left.status) == (True, "exited")
    remove_left(engine.api)
    assert engine.containers.list(all=True, filters={"label": list(PASSING)}) == [left]
    remove_left(engine.api, age=-1)
    assert not engine.containers.list(all=True, filters={"label": list(PASSING)})


def test_an_engine_that_is_killed_in_a_build(story: Story) -> None:
    """While a RUN of the Dockerfile runs; the same `deploy` then builds, pushes and releases."""
    story.change("RUN sleep 1\n")
    before = story.images()
    killed = when_started(story.own, "(?!mldeploy-)")
    assert_refused(story, before)
    assert killed.is_set()
    story.own.start()
    story.deploy()


def test_an_engine_that_is_killed_in_a_push(story: Story) -> None:
    """While a layer goes up; the same `deploy` then pushes the image, and no tag of ECR's stays."""
    story.change()
    before = story.images()
    killed = when_uploading(story.own, story.registry)
    assert_refused(story, before)
    assert killed.is_set()
    story.own.start()
    story.deploy()
    tags = [tag for image in story.own.client().images.list() for tag in image.tags]
    assert not [tag for tag in tags if tag.startswith("127.0.0.1")]

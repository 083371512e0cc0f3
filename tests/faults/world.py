"""A project on strict AWS, its commands run in this process, and the account put back at will."""

import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend
from moto.moto_api._internal import mock_random

from mldeploy.aws.credentials import session_of
from mldeploy.cli.app import run
from mldeploy.deploy.outside import Outside
from mldeploy.images.docker.errors import push_error
from tests.faults.in_order import InOrder
from tests.faults.one_session import one_session
from tests.faults.operations import Operation, Step
from tests.faults.saved import restore, save
from tests.strict.aws import StrictAws, strict_aws
from tests.strict.calls import ACCOUNT, REGION, Call
from tests.support.account import approving, credentials, isolated, retries_at_once
from tests.support.projects import write_bundle, write_project
from tests.support.runtime import Runtime
from tests.support.stacks import RegistryOnly, without_engine

_READS = 4
"""For so many looks something is in progress: a run after a crash finds it like that."""


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code and its envelope."""

    code: int
    envelope: dict[str, Any]

    @property
    def error(self) -> dict[str, Any]:
        """The envelope's error; empty after a success."""
        return self.envelope.get("error") or {}


class World:
    """Where the trials take place.

    Attributes:
        aws: the account.
        runtime: what answers behind it.
        root: the project's folder.
        outside: what commands reach beside the account.
        builds: what makes an image that is built anew another one, as in a real engine.
        known: what trials have found out, for those that come to an equal account; None where
            something beside the account decides what happens.
    """

    def __init__(self, aws: StrictAws, root: Path) -> None:
        self.aws = aws
        self.root = root
        self.builds = ""
        self.runtime = Runtime(aws)
        aws.on_invoke(self.runtime.invoke)
        self.outside = Outside(
            sleep=lambda _seconds: None,
            call=self.runtime.call,
            making=lambda _builder: without_engine(RegistryOnly(self.push)),
            session=one_session(session_of),
            workers=InOrder,
        )
        # Two deploys at once are two processes: each has clients, with their handlers, of its own.
        self.session_of_rival = cache(lambda _number: one_session(session_of))
        self.known: dict[Any, Any] | None = {}
        self._saved: dict[tuple[Step, ...], Any] = {}

    def push(self, repository: str, tag: str, content: str, labels: dict[str, str]) -> str:
        """Put an image; a push counts as a call of the program's, and may be its last."""
        with self.aws.step(Call("docker", "Push", {"repositoryName": repository, "tag": tag})):
            try:
                return self.aws.put_image(repository, tag, content + self.builds, labels)
            except ClientError as error:
                raise push_error(f"{repository}:{tag}", str(error)) from error

    def take(self, step: Step) -> Outcome:
        """Run a command in this process, as its user would."""
        write_project(self.root, step.config, step.model)
        if step.wine:
            write_bundle(self.root / "models/wine", step.wine)
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(io.StringIO()):
            code = run([*step.command, "-o", "json"], self.outside)
        return Outcome(code, json.loads(out.getvalue()))

    @contextmanager
    def reaching(self, **parts: Any) -> Iterator[None]:
        """Let commands reach something else in a block."""
        before = self.outside
        self.outside = replace(before, **parts)
        try:
            yield
        finally:
            self.outside = before

    def begin(self, operation: Operation) -> None:
        """Make the account what it is before the operation; made once, then copied."""
        if operation.start not in self._saved:
            mock_random.seed("start")
            self.aws.reset()
            for step in operation.start:
                outcome = self.take(step)
                if outcome.code:
                    raise AssertionError(outcome)
            self._saved[operation.start] = save(self.aws)
        restore(self.aws, self._saved[operation.start])
        mock_random.seed("trial")  # the ids of this trial are those of any other
        _age_images()
        self.aws.state.reads = _READS
        self.runtime.invoked.clear()
        self.runtime.asked.clear()
        self.runtime.served.clear()


def _age_images() -> None:
    """Let what is there have been pushed two hours ago: a young image isn't removed."""
    for repository in get_backend("ecr")[ACCOUNT][REGION].repositories.values():
        for image in repository.images:
            image.image_pushed_at -= 7200


@contextmanager
def world(endpoint: str | None = None) -> Iterator[World]:
    """Make an account and a project for the time of some trials.

    Args:
        endpoint: where AWS is called; by default moto answers in this process.
    """
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        isolated(patch, Path(folder))
        credentials(patch)
        approving(patch)
        if endpoint:
            patch.setenv("AWS_ENDPOINT_URL", endpoint)
        retries_at_once(patch)
        # Typer sets and deletes it whenever it parses; two rivals would meet there.
        patch.setenv("PYDANTIC_DISABLE_PLUGINS", "1")
        with strict_aws() as aws:
            found = World(aws, Path(folder) / "iris")
            if endpoint:
                found.known = None  # what stands in between may cut any answer
            found.root.mkdir()
            patch.chdir(found.root)
            yield found

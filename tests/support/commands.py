"""Commands as tests run them: through their real entry, with -o json."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mldeploy.cli import app
from mldeploy.deploy.outside import REAL, Outside
from tests.support.envelopes import held

Command = Callable[..., tuple[int, dict[str, Any]]]
"""Takes a command's arguments; returns its exit code and envelope."""


class Reach:
    """What the commands of a test reach in place of the clock, the network, Docker and AWS."""

    outside: Outside = REAL

    def __call__(self, **parts: Any) -> None:
        """Let commands reach something else from now on."""
        self.outside = replace(self.outside, **parts)

    @contextmanager
    def within(self, **parts: Any) -> Iterator[None]:
        """Let commands reach something else in a block."""
        before = self.outside
        self(**parts)
        try:
            yield
        finally:
            self.outside = before


REACH = Reach()
"""Of the test that runs; the fixture `reach` puts it back."""


def run(arguments: Sequence[str]) -> int:
    """Run a command line with what the test lets it reach; return its exit code."""
    return app.run(arguments, REACH.outside)


def json_command(capsys: pytest.CaptureFixture[str]) -> Command:
    """Return what runs a command with -o json and reads its envelope, held to the schema."""

    def call(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run([*arguments, "-o", "json"])
        return code, held(json.loads(capsys.readouterr().out))

    return call


def changes(envelope: dict[str, Any]) -> list[str]:
    """Return a plan's changes as "create function"."""
    return [f"{one['action']} {one['kind']}" for one in envelope["result"]["changes"]]


def two_hours_later() -> datetime:
    """Return a time at which no image is young any more."""
    return datetime.now(UTC) + timedelta(hours=2)

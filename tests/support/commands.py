"""Commands as tests run them: through their real entry, with -o json."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mldeploy.cli.app import run
from tests.support.envelopes import held

Command = Callable[..., tuple[int, dict[str, Any]]]
"""Takes a command's arguments; returns its exit code and envelope."""


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

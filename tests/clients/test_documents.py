"""The OpenAPI documents of served models, as linters and schemathesis judge them."""

import json
import os
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.clients import environments
from tests.clients.conftest import unavailable
from tests.clients.models import MODELS

LINTERS = environments.HERE / "linters"
NODE = environments.node_modules() / ".bin"
PYTHON = environments.python_of("documents").parent
_SECONDS = 1200
"""Much more than it takes: in CI other tests have the processors first."""


def ran(folder: Path, *command: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a tool without a proxy, and without word to anybody."""
    alone = {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "PYTHONPATH": ""}
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    return subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={**os.environ, **alone, **quiet, "PATH": environments.path_with(environments.NODE)},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


@pytest.fixture(params=[one.name for one in MODELS])
def document(request: pytest.FixtureRequest, urls: dict[str, str], tmp_path: Path) -> Path:
    """The document of each model, in a folder of its own."""
    file = tmp_path / "openapi.json"
    with urllib.request.urlopen(f"{urls[request.param]}/openapi.json", timeout=60) as response:  # noqa: S310 - loopback
        file.write_bytes(response.read())
    return file


def test_redocly_finds_nothing(document: Path) -> None:
    """By its recommended rules, warnings included."""
    if reason := environments.missing("node"):
        unavailable(reason)
    config = ("--config", LINTERS / "redocly.yaml")
    done = ran(document.parent, NODE / "redocly", "lint", document, *config, "--format", "json")
    found = json.loads(done.stdout)
    assert found["problems"] == [], done.stdout[-2000:]
    assert done.returncode == 0, done.stderr[-2000:]


def test_spectral_finds_nothing(document: Path) -> None:
    """By its rules for OpenAPI, hints included."""
    if reason := environments.missing("node"):
        unavailable(reason)
    rules = ("--ruleset", LINTERS / "spectral.yaml", "--fail-severity", "hint")
    done = ran(document.parent, NODE / "spectral", "lint", document, *rules)
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]


@pytest.mark.parametrize("model", [one.name for one in MODELS])
def test_schemathesis_finds_nothing(model: str, urls: dict[str, str], tmp_path: Path) -> None:
    """Every response is documented, and what violates a schema is refused; see the exceptions."""
    if reason := environments.missing("documents"):
        unavailable(reason)
    done = ran(
        tmp_path,
        *(PYTHON / "schemathesis", "--config-file", LINTERS / "schemathesis.toml", "run"),
        *(f"{urls[model]}/openapi.json", "--max-examples", "10", "--seed", "1", "--no-color"),
        *("--phases", "examples,coverage,fuzzing"),
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]

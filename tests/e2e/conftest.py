"""What the end-to-end tests stand on: a Docker engine, base images, an emulated AWS, a registry.

Without an engine they are skipped, and the reason is in pytest's summary; where
`MLDEPLOY_REQUIRE_ENGINE=1` is set, as in CI, a missing part is a failure.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # for `tools`, whichever way pytest was started

from tests.cloud import base_image  # noqa: E402
from tests.cloud import engine as docker_engine  # noqa: E402
from tests.cloud.cloud import Cloud, running_cloud  # noqa: E402
from tests.cloud.registry import Registry, running_registry  # noqa: E402
from tests.cloud.rootfs import find_python  # noqa: E402
from tests.cloud.state import CloudError, run, state_dir  # noqa: E402
from tests.support.envelopes import held  # noqa: E402
from tools.uv import installer  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND_SECONDS = 600


@dataclass(frozen=True)
class Ran:
    """What a command left: exit code, stdout, stderr and seconds."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def json(self) -> Any:
        """Stdout, read as JSON; what -o json wrote is held to its schema."""
        found = json.loads(self.out)
        return held(found) if {"format", "command"} <= set(found) else found

    def ok(self) -> Ran:
        """Return itself after checking that the command succeeded."""
        assert self.code == 0, f"exit code {self.code}\nstdout:\n{self.out}\nstderr:\n{self.err}"
        return self


@dataclass(frozen=True)
class Cli:
    """Runs the real `mldeploy` in a project's folder, as a user's shell would."""

    environment: dict[str, str]
    python: str = sys.executable

    def __call__(self, folder: Path, *arguments: str, **environment: str) -> Ran:
        """Run `mldeploy ARGUMENTS` there; keywords are further variables."""
        began = time.monotonic()
        done = subprocess.run(
            [self.python, "-m", "mldeploy", *arguments],
            cwd=folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr, time.monotonic() - began)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder as e2e."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)


def unavailable(reason: object) -> NoReturn:
    """Skip the test, or fail it where the real components are required."""
    if os.environ.get("MLDEPLOY_REQUIRE_ENGINE") == "1":
        pytest.fail(f"MLDEPLOY_REQUIRE_ENGINE=1, but {reason}", pytrace=False)
    pytest.skip(str(reason))


@pytest.fixture(scope="session")
def engine() -> Any:
    """A Docker client, with the base image of this Python at hand."""
    try:
        docker_engine.status()
        base_image.ensure(f"{sys.version_info.major}.{sys.version_info.minor}")
    except CloudError as error:
        unavailable(error)
    return docker_engine.client()


@pytest.fixture(scope="session")
def cloud(engine: Any) -> Iterator[Cloud]:
    """An emulated AWS whose Lambda functions are containers."""
    try:
        with running_cloud() as running:
            yield running
    except CloudError as error:
        unavailable(error)


@pytest.fixture(scope="session")
def registry(engine: Any) -> Iterator[Registry]:
    """A registry on loopback that refuses whoever hasn't logged in."""
    try:
        with running_registry() as running:
            yield running
    except CloudError as error:
        unavailable(error)


@pytest.fixture(scope="session")
def cli(cloud: Cloud) -> Cli:
    """The command line, pointed at the emulated AWS."""
    return Cli(cloud.environment(NO_COLOR="1", MLDEPLOY_DEPLOY__APPROVE="auto"))


@pytest.fixture(scope="session")
def cli_311(cli: Cli, engine: Any) -> Cli:
    """The command line on Python 3.11, which has an older glibc on Lambda."""
    try:
        base_image.ensure("3.11")
        return Cli(cli.environment, str(_python_with_mldeploy("3.11")))
    except CloudError as error:
        unavailable(error)


def _python_with_mldeploy(version: str) -> Path:
    """Return the Python of a venv with mldeploy and its pinned dependencies, made only once."""
    pins = (ROOT / "requirements-dev.txt").read_text()
    key = hashlib.sha256(f"{pins}{ROOT}".encode()).hexdigest()[:12]
    folder = state_dir() / f"mldeploy-{version}-{key}"
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        run([find_python(version), "-m", "venv", "--clear", folder])
        # Hashes in a constraints file would demand one for the project itself.
        lines = [line.split("\\")[0].strip() for line in pins.splitlines() if "==" in line]
        constraints = folder / "constraints.txt"
        constraints.write_text("\n".join(lines))
        run([*installer(python), "-c", constraints, "--editable", ROOT])
        (folder / "installed").touch()
    return python

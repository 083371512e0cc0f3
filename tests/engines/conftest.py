"""Dask clusters in processes of their own, with the libraries of this environment."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest

from tests.clients import environments

SCRIPTS = Path(__file__).parent / "scripts"
ROOT = Path(__file__).parents[2]


class Cluster(NamedTuple):
    """A running cluster.

    Attributes:
        address: for `--on`.
        pid: of the scheduler's process, and the number of its process group.
    """

    address: str
    pid: int


Run = Callable[..., str]
Start = Callable[..., AbstractContextManager[Cluster]]


def unavailable(reason: object) -> NoReturn:
    """Skip the test, or fail it where the real components are required."""
    if os.environ.get("MLDEPLOY_REQUIRE_ENGINE") == "1":
        pytest.fail(f"MLDEPLOY_REQUIRE_ENGINE=1, but {reason}", pytrace=False)
    pytest.skip(str(reason))


@pytest.fixture(scope="session")
def libraries() -> str:
    """Return the folder with Dask, which .venv doesn't have."""
    if reason := environments.missing("dask"):
        unavailable(reason)
    (found,) = environments.environment("dask").folder.glob("lib/python*/site-packages")
    return str(found)


@pytest.fixture
def with_dask(libraries: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let child processes import Dask."""
    monkeypatch.setenv("PYTHONPATH", libraries)


@pytest.fixture(scope="session")
def run(libraries: str) -> Run:
    """Run a script with Dask, and return its output."""

    def ran(script: str, *arguments: object) -> str:
        command = [sys.executable, str(SCRIPTS / script), *map(str, arguments)]
        paths = os.pathsep.join([libraries, str(ROOT)])
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return ran


@pytest.fixture(scope="session")
def start(libraries: str) -> Start:
    """Start a cluster whose processes find modules in further folders first."""

    @contextmanager
    def started(*folders: object, protocol: str = "tcp") -> Iterator[Cluster]:
        paths = os.pathsep.join([*map(str, folders), libraries])
        process = subprocess.Popen(
            [sys.executable, str(SCRIPTS / "cluster.py"), protocol],
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            assert process.stdout is not None
            scheme = "dask" if protocol == "tcp" else protocol
            yield Cluster(f"{scheme}://{process.stdout.readline().strip()}", process.pid)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    return started


@pytest.fixture(scope="session")
def cluster(start: Start) -> Iterator[Cluster]:
    """Return a cluster that all tests share."""
    with start() as found:
        yield found

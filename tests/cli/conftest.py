"""A project on strict AWS, with something that answers behind it."""

from pathlib import Path

import pytest

from tests.strict.aws import StrictAws
from tests.support.account import approving, retries_at_once
from tests.support.commands import Command, Reach, json_command
from tests.support.projects import write_project
from tests.support.runtime import Runtime
from tests.support.stacks import RegistryOnly, without_engine


@pytest.fixture
def runtime(aws: StrictAws, reach: Reach) -> Runtime:
    """What Lambda and the gateway would do with what is deployed."""
    found = Runtime(aws)
    aws.on_invoke(found.invoke)
    reach(call=found.call)
    return found


@pytest.fixture
def project(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    aws: StrictAws,
    runtime: Runtime,
    reach: Reach,
) -> Path:
    """A project; its images are manifests, put through ECR's own API."""
    del runtime  # deploys verify what they publish
    making = without_engine(RegistryOnly(aws.put_image))
    reach(making=lambda _builder: making, sleep=lambda _seconds: None)
    retries_at_once(monkeypatch)
    approving(monkeypatch)
    monkeypatch.chdir(write_project(tmp_path / "iris"))
    return tmp_path / "iris"


@pytest.fixture
def command(project: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command with -o json; return its exit code and envelope."""
    del project
    return json_command(capsys)

"""What attacks on images start from."""

from pathlib import Path

import pytest

from tests.strict.aws import StrictAws
from tests.support.account import approving, retries_at_once
from tests.support.commands import Reach, json_command
from tests.support.places import REPOSITORY, Machine, Place
from tests.support.projects import write_project
from tests.support.runtime import Runtime
from tests.support.stacks import without_engine


@pytest.fixture
def place(
    aws: StrictAws,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    reach: Reach,
) -> Place:
    """A project whose repository exists, at a machine that has pushed nothing."""
    runtime = Runtime(aws)
    aws.on_invoke(runtime.invoke)
    builder = Machine(aws.put_image)
    builder.caches = []
    making = without_engine(builder)
    reach(call=runtime.call, making=lambda _builder: making, sleep=lambda _seconds: None)
    retries_at_once(monkeypatch)
    approving(monkeypatch)
    monkeypatch.chdir(write_project(tmp_path / "iris"))
    aws.client("ecr").create_repository(
        repositoryName=REPOSITORY,
        imageTagMutability="IMMUTABLE",
        tags=[{"Key": "mldeploy:project", "Value": "iris"}],
    )
    found = Place(aws, tmp_path / "iris", json_command(capsys), runtime, builder, monkeypatch, [])
    found.elsewhere()
    return found

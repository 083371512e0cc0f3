"""Thirty functions behind AWS's rates: no call comes too soon."""

import time
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from benchmarks.emulator import Emulator, emulator
from benchmarks.project import put_images, variables, write_project
from mldeploy.aws.rates import Pace
from mldeploy.config.file import load_config
from mldeploy.deploy.artifact import artifact_of_bundles
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.rollout import prepare, roll_out
from mldeploy.deploy.session import connect

FUNCTIONS = 30
FIRST, THEN, AT_LAST = 512, 1024, 2048
SPEED = 2.0
"""AWS's seconds, as its quotas and the pace count them, to one of ours.

Calls of a process that stalls arrive together: a faster clock takes that for too many at once."""


@pytest.fixture(scope="module")
def where() -> Iterator[Emulator]:
    """AWS in a process of its own, that counts calls towards its quotas as they arrive."""
    with emulator() as found:
        yield found


def quicker(_sleep: object) -> Pace:
    return Pace(lambda seconds: time.sleep(seconds / SPEED), lambda: time.monotonic() * SPEED)


def carried_out(folder: Path, where: Emulator, *, paced: bool, memory: int) -> int:
    """Plan and deploy as the command does; return how many calls came too soon."""
    text = f'[project]\nname = "{folder.name}"\npython = "3.12"\n\n[api]\nauth = "none"\n'
    for number in range(FUNCTIONS):
        text += f'\n[functions.f{number}]\nroute = "GET /f{number}"\nmemory = {memory}\n'
    (folder / "mldeploy.toml").write_text(text)
    config = load_config(folder)
    with variables(where.environment()):
        context = connect(config, lambda _event: None)
        if memory == FIRST:
            put_images(context, artifact_of_bundles(config), config)
        outside = Outside(pace=quicker if paced else lambda _sleep: None)
        context = connect(config, lambda _event: None, outside)
        where.quotas(SPEED)
        artifact = artifact_of_bundles(config)
        # Without a pace a refusal may outlast the retries.
        with nullcontext() if paced else suppress(ClientError):
            roll_out(config, artifact, prepare(config, artifact, context), context)
        return where.quotas().total()


def test_no_call_of_thirty_functions_is_refused(tmp_path: Path, where: Emulator) -> None:
    """Neither of the first deploy nor of a change of each; without a pace some are."""
    folder = tmp_path / "many"
    folder.mkdir()
    write_project(folder)
    assert carried_out(folder, where, paced=True, memory=FIRST) == 0
    assert carried_out(folder, where, paced=True, memory=THEN) == 0
    assert carried_out(folder, where, paced=False, memory=AT_LAST) > 0

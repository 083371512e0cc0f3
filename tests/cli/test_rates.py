"""Thirty functions behind AWS's rates: no call comes too soon."""

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from benchmarks.emulator import Emulator, emulator
from benchmarks.project import put_image, variables, write_project
from mldeploy.aws_rates import Pace
from mldeploy.config.file import load_config
from mldeploy.deployment import artifact_of_bundles, connect
from mldeploy.rollout import prepare, roll_out
from tests.support.stacks import RegistryOnly

FUNCTIONS = 30
SPEED = 4.0
"""AWS's seconds, as its quotas and the pace count them, to one of ours."""


@pytest.fixture(scope="module")
def where() -> Iterator[Emulator]:
    """AWS in a process of its own, that counts calls towards its quotas as they arrive."""
    with emulator() as found:
        yield found


def carried_out(folder: Path, where: Emulator, *, paced: bool, memory: int = 512) -> int:
    """Plan and deploy as the command does; return how many calls came too soon."""
    text = f'[project]\nname = "{folder.name}"\npython = "3.12"\n\n[api]\nauth = "none"\n'
    for number in range(FUNCTIONS):
        text += f'\n[functions.f{number}]\nroute = "GET /f{number}"\nmemory = {memory}\n'
    (folder / "mldeploy.toml").write_text(text)
    config = load_config(folder)
    with variables(where.environment()):
        where.quotas(SPEED)
        context = connect(config, lambda _event: None)
        pace = Pace(lambda seconds: time.sleep(seconds / SPEED), lambda: time.monotonic() * SPEED)
        context.clients.pace = pace if paced else None
        context = replace(context, builder=RegistryOnly(partial(put_image, context)))
        artifact = artifact_of_bundles(config)
        roll_out(config, artifact, prepare(config, artifact, context), context)
        return where.quotas().total()


def test_no_call_of_thirty_functions_is_refused(tmp_path: Path, where: Emulator) -> None:
    """Neither of the first deploy nor of a change of each; without a pace some are."""
    folder = tmp_path / "many"
    folder.mkdir()
    write_project(folder)
    assert carried_out(folder, where, paced=True) == 0
    assert carried_out(folder, where, paced=True, memory=1024) == 0
    assert carried_out(folder, where, paced=False, memory=2048) > 0

"""A sample of the real signals that `make faults` sends at every call."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.kills import Killing
from tests.faults.machine import machine
from tests.support.projects import CONFIG
from tests.support.served import children, runs, until


@pytest.fixture(scope="module")
def killing() -> Iterator[Killing]:
    """One machine for all trials of this module."""
    with machine() as found:
        yield Killing(found)


@pytest.mark.parametrize(
    ("operation", "part", "name"),
    [
        ("first deploy", 0.6, "SIGKILL"),
        ("first deploy of three functions", 0.5, "SIGINT"),
        ("new model", 0.5, "SIGTERM"),
        ("new model", 0.8, "SIGKILL"),
        ("new memory", 0.7, "SIGINT"),
        ("function added", 0.6, "SIGTERM"),
        ("function removed", 0.8, "SIGKILL"),
        ("rollback", 0.9, "SIGINT"),
        ("promote", 0.7, "SIGTERM"),
        ("destroy", 0.4, "SIGTERM"),
    ],
)
def test_the_command_can_be_killed_at_any_call(
    killing: Killing, operation: str, part: float, name: str
) -> None:
    """It leaves no process and no file, and tells no secret; the next run finishes it.

    A client never went without an answer.
    """
    call = int(killing.undisturbed(operation).calls * part)
    assert killing.try_out(operation, call, name).problems == ()


@pytest.mark.parametrize(("part", "name"), [(0.1, "SIGINT"), (0.4, "SIGTERM")])
def test_a_signal_that_goes_on_coming_does_no_more_than_one(
    killing: Killing, part: float, name: str
) -> None:
    """An impatient Ctrl-C again and again, while threads look or change something."""
    operation = "first deploy of three functions"
    call = int(killing.undisturbed(operation).calls * part)
    assert killing.try_out(operation, call, name, again=True).problems == ()


_SLOW = """\
import time
print("begun", flush=True)
time.sleep(3600)
"""


def test_a_training_that_is_ended_leaves_nothing(tmp_path: Path) -> None:
    """A CI job's SIGTERM reaches the command alone: the user's code ends with it."""
    (tmp_path / "mldeploy.toml").write_text(CONFIG)
    (tmp_path / "train.py").write_text(
        "import time\nprint('begun', flush=True)\ntime.sleep(3600)\n"
    )
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "mldeploy", "train"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    stderr = process.stderr
    assert stderr is not None
    until(lambda: "begun" in stderr.readline())
    begun = children(process.pid)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "MLD130" in err
    assert "Traceback" not in err
    assert begun
    until(lambda: not any(map(runs, begun)))
    assert [*scratch.iterdir()] == []
    assert not (tmp_path / "model").exists()

"""Environments are made once, whoever else makes them, and never used half-made."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.clients.environments import HERE, Environment, ensure, unused

SLOW = """
import sys, time
from pathlib import Path
from tests.clients.environments import Environment, ensure

def make(wanted):
    (wanted.folder / str(time.monotonic_ns())).touch()
    time.sleep(0.5)
    (wanted.folder / "complete").touch()

wanted = Environment("one", Path(sys.argv[1]), (Path(sys.argv[1]) / "one.txt",))
ensure(wanted, make)
assert (wanted.folder / "complete").exists()
"""


@pytest.fixture
def one(tmp_path: Path) -> Environment:
    (tmp_path / "one.txt").write_text("a==1")
    return Environment("one", tmp_path, (tmp_path / "one.txt",))


def well(wanted: Environment) -> None:
    (wanted.folder / "complete").touch()


def test_two_processes_make_it_once(one: Environment) -> None:
    """The second waits for the first, and finds it made."""
    command = [sys.executable, "-c", SLOW, str(one.cache)]
    running = [subprocess.Popen(command, cwd=HERE.parents[1]) for _ in range(2)]
    assert [process.wait(60) for process in running] == [0, 0]
    assert len(list(one.folder.iterdir())) == 3  # who made it, "complete", and the mark


def test_what_a_killed_process_left_is_made_anew(one: Environment) -> None:
    """It isn't taken for an environment."""

    def killed(wanted: Environment) -> None:
        (wanted.folder / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ensure(one, killed)
    assert one.missing is not None
    ensure(one, well)
    assert one.missing is None
    assert {file.name for file in one.folder.iterdir()} == {"complete", "made"}


def test_a_failure_is_told_and_tried_again(one: Environment) -> None:
    """Its reason is what the tests say, until it succeeds."""

    def fails(_: Environment) -> None:
        raise RuntimeError("no such package")

    ensure(one, fails)
    assert one.missing == "one: no such package"
    ensure(one, well)
    assert one.missing is None


def test_other_contents_are_another_environment(one: Environment) -> None:
    """Any of the files that pin them counts."""
    ensure(one, well)
    two = replace(one, sources=(*one.sources, one.cache / "two.txt"))
    two.sources[1].write_text("b==1")
    assert two.missing is not None
    one.sources[0].write_text("a==2")
    assert one.missing is not None


def test_one_that_nobody_uses_goes_after_a_month(one: Environment) -> None:
    """Every run of `make clients` that finds it in use counts."""
    day = 24 * 3600
    ensure(one, well)
    now = time.time()
    assert list(unused(one.cache, now + 29 * day)) == []
    assert list(unused(one.cache, now + 31 * day)) == [one.folder]

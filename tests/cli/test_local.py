"""`mldeploy local`: the embedded AWS comes, is found, goes, and survives nothing that isn't so."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mldeploy.cli.app import run
from mldeploy.embedded.control import running, stop
from mldeploy.embedded.place import lives
from mldeploy.errors import MldeployError
from tests.support.embedded import own_cloud
from tests.support.served import runs, until

START = ("local", "start", "--functions", "process", "-o", "json")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    with own_cloud(tmp_path / "local") as found:
        yield found


def command(*arguments: str) -> tuple[int, Any, str]:
    """Run the real command; return its exit code, envelope and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "mldeploy", *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def test_it_outlives_the_command_and_goes_with_its_files(folder: Path) -> None:
    """Started once, found by the next command, gone after stop; a second stop is fine."""
    code, told, _ = command(*START)
    pid = told["result"]["pid"]
    assert (code, told["result"]["functions"], runs(pid)) == (0, "process", True)
    assert lives(folder)
    assert command("local", "status", "-o", "json")[1]["result"] == told["result"]
    assert command("local", "stop", "-o", "json")[1]["result"] == {"stopped": True}
    assert not lives(folder)
    assert not folder.exists()
    assert command("local", "stop", "-o", "json")[:2][0] == 0
    code, told, _ = command("local", "status", "-o", "json")
    assert (code, told["error"]["code"]) == (1, "MLD610")


def test_two_that_start_it_at_once_get_the_same(folder: Path) -> None:
    """The second waits for the first, and finds it."""
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: command(*START), range(2)))
    assert [code for code, _, _ in found] == [0, 0]
    assert len({told["result"]["pid"] for _, told, _ in found}) == 1


def test_a_killed_one_is_no_longer_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its file stays; nobody takes it for alive, and the next start begins empty and says so."""
    assert run([*START]) == 0
    os.kill(running().pid, signal.SIGKILL)
    until(lambda: not lives(folder))
    capsys.readouterr()
    assert run(["local", "status"]) == 1
    assert "isn't running any more: its process has ended" in capsys.readouterr().err
    assert run([*START]) == 0
    assert "it starts empty" in capsys.readouterr().err


def test_one_that_hangs_is_told_of_and_can_be_stopped(folder: Path) -> None:
    """A stopped process holds its port and answers nothing."""
    assert run([*START]) == 0
    pid = running().pid
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(MldeployError) as raised:
        running(patience=0.5)
    assert (raised.value.code, raised.value.exit_code) == ("MLD611", 1)
    assert stop(patience=0.5)
    assert not lives(folder)


def test_what_stops_its_start_is_shown(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log's end comes with the error, and nothing stays behind."""
    monkeypatch.setenv("PYTHONPATH", str(broken(folder.parent / "broken")))
    assert run([*START[:-2]]) == 1
    said = capsys.readouterr().err
    assert "MLD612" in said
    assert "no werkzeug today" in said
    assert not lives(folder)


def broken(folder: Path) -> Path:
    (folder / "werkzeug").mkdir(parents=True)
    (folder / "werkzeug" / "__init__.py").write_text('raise ImportError("no werkzeug today")\n')
    return folder


def test_another_way_to_run_functions_needs_a_new_start(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A running one isn't changed behind the back of what is deployed to it."""
    assert run([*START]) == 0
    capsys.readouterr()
    assert run(["local", "start", "--functions", "container"]) == 0
    assert "`mldeploy local stop` first" in capsys.readouterr().err

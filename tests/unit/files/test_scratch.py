"""Temporary folders of processes that were killed are told from those in use."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mldeploy.files.scratch import Scratch, left_scratch, remove_path, size_of

HOLDER = """
import sys, time
from mldeploy.files.scratch import Scratch
with Scratch() as folder:
    (folder / "file").write_bytes(b"12345")
    print(folder, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield
    tempfile.tempdir = None


@contextmanager
def holder() -> Iterator[tuple[Path, "subprocess.Popen[str]"]]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield Path(process.stdout.readline().strip()), process
        process.kill()


def test_what_a_killed_process_left_is_found_and_removed() -> None:
    """While it runs it is in use; after SIGKILL it is left, with its size, and can go."""
    with holder() as (folder, process):
        assert (folder / "file").exists()
        assert list(left_scratch()) == []
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    (left,) = left_scratch()
    assert folder.is_relative_to(left)
    assert size_of(left) == 5
    assert remove_path(left)
    assert list(left_scratch()) == []


def test_a_process_that_ends_leaves_nothing(tmp_path: Path) -> None:
    """The folder goes with its lock."""
    with Scratch() as folder:
        assert list(folder.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_link_and_a_folder_of_others_making_are_left_alone(tmp_path: Path) -> None:
    """Whoever may write to /tmp may give a folder our prefix."""
    target = tmp_path / "precious"
    (target / "files").mkdir(parents=True)
    (target / "lock").touch()
    (tmp_path / "mldeploy-scratch-link").symlink_to(target)
    (tmp_path / "mldeploy-scratch-other").mkdir()
    assert list(left_scratch()) == []

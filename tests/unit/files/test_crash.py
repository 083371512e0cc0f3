"""What is left of an error that nobody expected."""

import shutil
import stat
from pathlib import Path

import pytest

from mldeploy.files.crash import unexpected
from mldeploy.files.places import write_new


def test_a_name_that_isnt_utf8_gets_into_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Python writes it: telling of an error must not be the next one."""
    monkeypatch.setenv("MLDEPLOY_LOG_DIR", str(tmp_path))
    told = unexpected(OSError("can't read \udcff"))
    (log,) = tmp_path.iterdir()
    assert dict(told.details) == {"log": str(log)}
    assert "can't read \\udcff" in log.read_text()


def test_the_log_lies_in_the_users_state_where_nobody_else_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder 0700, a file 0600, under a name that nobody can foretell."""
    monkeypatch.delenv("MLDEPLOY_LOG_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    logs = [Path(dict(unexpected(ValueError("x")).details)["log"]) for _ in range(2)]
    assert {one.parent for one in logs} == {tmp_path / "mldeploy/errors"}
    assert stat.S_IMODE(logs[0].parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in logs} == {0o600}
    assert logs[0] != logs[1]


def test_a_folder_that_is_a_link_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may lead to another user's folder: the log goes to a new one."""
    monkeypatch.delenv("MLDEPLOY_LOG_DIR", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "mldeploy").mkdir()
    (tmp_path / "mldeploy/errors").symlink_to(elsewhere)
    log = Path(dict(unexpected(ValueError("x")).details)["log"])
    assert log.exists()
    assert list(elsewhere.iterdir()) == []
    shutil.rmtree(log.parent)


def test_a_new_file_follows_no_link(tmp_path: Path) -> None:
    """What a link at its place leads to stays as it is."""
    (tmp_path / "precious").write_text("kept")
    (tmp_path / "log").symlink_to(tmp_path / "precious")
    with pytest.raises(FileExistsError):
        write_new(tmp_path / "log", "gone")
    assert (tmp_path / "precious").read_text() == "kept"

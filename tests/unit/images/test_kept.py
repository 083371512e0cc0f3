"""What this machine keeps between commands is its user's alone, and nobody else's counts."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mldeploy.images.kept import Pushed, Shelf
from mldeploy.model.golden import Golden

DIGEST, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64
HERE = Pushed("123456789012", "eu-central-1", "mldeploy/iris", "a" * 32)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's state folder."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "mldeploy"


def test_a_push_is_on_record_for_its_place_alone(state: Path) -> None:
    """The last one counts; folder and file are for the user alone."""
    assert HERE.digest == ""
    HERE.record(OTHER)
    HERE.record(DIGEST)
    assert HERE.digest == DIGEST
    (file,) = (state / "pushed").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    for other in (
        Pushed("210987654321", "eu-central-1", "mldeploy/iris", "a" * 32),
        Pushed("123456789012", "us-east-1", "mldeploy/iris", "a" * 32),
        Pushed("123456789012", "eu-central-1", "mldeploy/iris/prod", "a" * 32),
        Pushed("123456789012", "eu-central-1", "mldeploy", "iris_" + "a" * 32),
        Pushed("123456789012", "eu-central-1", "mldeploy_-iris", "a" * 32),
    ):
        assert other.digest == "", other


def _opened(file: Path) -> None:
    file.chmod(0o620)


def _linked(file: Path) -> None:
    file.rename(file.parent.parent / "theirs")
    file.symlink_to(file.parent.parent / "theirs")


def _nonsense(file: Path) -> None:
    file.write_text("sha256:1")


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("change", [_opened, _linked, _nonsense, _folder])
def test_a_record_that_others_may_have_written_is_none(
    state: Path, change: Callable[[Path], None]
) -> None:
    """Neither one that is open to others, nor a link, nor what is no digest."""
    HERE.record(DIGEST)
    (file,) = (state / "pushed").iterdir()
    change(file)
    assert HERE.digest == ""


def test_a_folder_that_is_a_link_holds_no_records(state: Path, tmp_path: Path) -> None:
    """It would lead to files of others."""
    HERE.record(DIGEST)
    (state / "pushed").rename(tmp_path / "theirs")
    (state / "pushed").symlink_to(tmp_path / "theirs")
    assert HERE.digest == ""


@pytest.mark.parametrize("tag", ["../../etc/x", "..", "", "A", "a\n", ".hidden"])
def test_a_place_that_is_no_name_is_not_looked_for(state: Path, tag: str) -> None:
    """Whatever it says, it names no file elsewhere."""
    place = Pushed("123456789012", "eu-central-1", "mldeploy/iris", tag)
    place.record(DIGEST)
    assert place.digest == ""
    assert not state.exists()


def test_golden_examples_of_releases_outlive_the_command(state: Path) -> None:
    """For the user alone; other names find nothing."""
    golden = Golden(b'{"inputs": [[1.0]], "predictions": [{"value": 1.0}]}')
    Shelf().put("0" * 16, golden)
    assert Shelf().get("0" * 16) == golden
    assert not Shelf().get("1" * 16)
    for name in ("../golden/" + "0" * 16, "", "0" * 15):
        assert not Shelf().get(name)
    (file,) = (state / "golden").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_home_examples_are_known_within_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nothing is written, and nothing fails."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    shelf = Shelf()
    shelf.put("0" * 16, Golden(b"{}"))
    assert shelf.get("0" * 16)
    assert not Shelf().get("0" * 16)
    HERE.record(DIGEST)
    assert HERE.digest == ""


def test_the_oldest_examples_go(state: Path) -> None:
    """Nobody goes back a hundred releases."""
    for number in range(4):
        Shelf(most=2).put(f"{number:016x}", Golden(b"{}"))
    assert len(list((state / "golden").iterdir())) == 2
    assert Shelf().get(f"{3:016x}")

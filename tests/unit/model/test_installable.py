"""Whether Lambda can install a bundle is asked of an index: here, a folder of empty wheels."""

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mldeploy.errors import MldeployError
from mldeploy.model.needs.installable import (
    Completed,
    Index,
    Target,
    check_installable,
    ended,
)
from tests.support.wheel_index import serving, write_wheel

OLD, NEW = "manylinux_2_17_x86_64.manylinux2014_x86_64", "manylinux_2_28_x86_64"
WHEELS = {
    "scikit-learn": [("1.7.2", "cp311", OLD), ("1.9.1", "cp311", NEW), ("1.9.1", "cp312", NEW)],
    "numpy": [("2.2.6", "cp311", OLD), ("2.5.5", "cp312", NEW), ("2.6.0rc1", "cp311", OLD)],
    "joblib": [("1.6.0", "py3", "any")],
    "brand-new": [("1.0", "cp312", "manylinux_2_40_x86_64")],
}


@pytest.fixture(scope="module")
def index_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a package index."""
    root = tmp_path_factory.mktemp("index")
    for name, wheels in WHEELS.items():
        for version, python, platform in wheels:
            write_wheel(root, name, version, f"{python}-none-{platform}")
    return root


@pytest.fixture(scope="module")
def index(index_root: Path) -> Iterator[str]:
    """A package index on loopback."""
    with serving(index_root) as port:
        yield f"http://reader:hunter2secret@127.0.0.1:{port}"


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return where answers are kept; it doesn't exist yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache/mldeploy/wheels"


@pytest.fixture(autouse=True)
def _only_this_index(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_NO_INDEX", "PIP_TRUSTED_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")


def test_old_glibc_takes_old_wheels_only(index: str) -> None:
    """Python 3.11 on Lambda can't install a current scikit-learn, and 1.7.2 is named."""
    pins = ["joblib==1.6.0", "numpy==2.5.5", "scikit-learn==1.9.1"]
    with pytest.raises(MldeployError) as raised:
        check_installable(pins, Target("3.11", "x86_64"), Index(index))
    error = raised.value
    assert error.code == "MLD230"
    assert "numpy==2.5.5 has no wheel for Lambda's Python 3.11 on x86_64" in error.message
    assert "scikit-learn 1.7.2 has one" in error.details[0][1]
    assert error.hint.startswith('pip install "numpy==2.2.6" "scikit-learn==1.7.2" and train again')
    assert "3.12 or newer" in error.hint
    assert "hunter2secret" not in f"{error.message}{error.hint}{error.details}"


def test_a_newer_python_takes_newer_wheels(index: str) -> None:
    """The same pins install on Python 3.12."""
    pins = ["joblib==1.6.0", "numpy==2.5.5", "scikit-learn==1.9.1"]
    assert not check_installable(pins, Target("3.12", "x86_64"), Index(index)).warning


def test_hashes_are_those_of_the_wheels(index: str, index_root: Path) -> None:
    """Each is the SHA-256 of the file that the platform gets, also of one out of the cache."""
    wheels = {"joblib": "joblib-1.6.0-py3-none-any", "numpy": f"numpy-2.2.6-cp311-none-{OLD}"}
    expected = {
        name: hashlib.sha256((index_root / name / f"{file}.whl").read_bytes()).hexdigest()
        for name, file in wheels.items()
    }
    for _ in range(2):
        pins = ["joblib==1.6.0", "numpy==2.2.6"]
        found = check_installable(pins, Target("3.11", "x86_64"), Index(index))
        assert found.hashes == expected


def test_the_architecture_counts(index: str) -> None:
    """A wheel for x86_64 is none for arm64; where nothing would do, other advice is given."""
    with pytest.raises(MldeployError, match=r"on arm64: no version has one") as raised:
        check_installable(["brand-new==1.0"], Target("3.12", "arm64"), Index(index))
    assert "another package" in raised.value.hint


def test_a_wheel_for_a_newer_libc_is_none(index: str) -> None:
    """What this machine could install says nothing of Lambda."""
    with pytest.raises(MldeployError, match=r"brand-new==1\.0 has no wheel"):
        check_installable(["brand-new==1.0"], Target("3.13", "x86_64"), Index(index))


@pytest.mark.parametrize("scheme", ["http", "htp"])
def test_an_index_that_cant_be_reached_is_a_warning(scheme: str) -> None:
    """Without an answer nothing is known: training goes on, and the login stays hidden."""
    found = check_installable(
        ["numpy==2.2.6"],
        Target("3.12", "x86_64"),
        Index(f"{scheme}://reader:hunter2secret@127.0.0.1:9/simple"),
    )
    assert "the package index couldn't be checked" in found.warning
    assert "hunter2secret" not in found.warning
    assert not found.hashes


@pytest.mark.parametrize(
    ("python", "first", "last"),
    [
        ("3.11", "manylinux_2_26_x86_64", "manylinux2014_x86_64"),
        ("3.12", "manylinux_2_34_x86_64", "manylinux2014_x86_64"),
    ],
)
def test_tags_follow_the_base_images_libc(python: str, first: str, last: str) -> None:
    """Amazon Linux 2 has glibc 2.26, Amazon Linux 2023 has 2.34."""
    tags = Target(python, "x86_64").tags()
    assert (tags[0], tags[-1]) == (first, last)
    assert Target(python, "arm64").tags()[0] == first.replace("x86_64", "aarch64")


PINS = ["joblib==1.6.0"]
HERE = Target("3.12", "x86_64")
BROKEN = "http://127.0.0.1:9/simple"


def known(index: str, cache: Path) -> Path:
    """Ask once and return the kept answer."""
    assert not check_installable(PINS, HERE, Index(index)).warning
    (kept,) = cache.iterdir()
    return kept


def fails(_command: list[str], environ: dict[str, str]) -> Completed:
    """Run what fails instead of pip."""
    return ended(["/bin/false"], environ)


def test_a_positive_answer_is_kept(index: str, cache: Path) -> None:
    """The second time no index is asked; the folder is the user's own and shows no login."""
    kept = known(index, cache)
    assert cache.stat().st_mode & 0o777 == 0o700
    assert "hunter2secret" not in kept.name + kept.read_text()
    assert not check_installable(PINS, HERE, Index(index), run=fails).warning


@pytest.mark.parametrize("what", ["lines", "python", "architecture", "index", "pip"])
def test_another_question_is_asked_anew(
    index: str, cache: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """An answer is that to all of the question."""
    known(index, cache)
    pins, target, url = list(PINS), HERE, index
    match what:
        case "lines":
            pins.append("numpy==2.5.5")
        case "python":
            target = Target("3.13", "x86_64")
        case "architecture":
            target = Target("3.12", "arm64")
        case "index":
            url = BROKEN
        case _:
            monkeypatch.setenv("PIP_EXTRA_INDEX_URL", BROKEN)
    assert "couldn't be checked" in check_installable(pins, target, Index(url), run=fails).warning


@pytest.mark.parametrize("damage", ["old", "future", "content", "folder"])
def test_an_answer_that_isnt_valid_is_asked_anew(index: str, cache: Path, damage: str) -> None:
    """After 30 days, or where the file isn't what was written."""
    kept = known(index, cache)
    match damage:
        case "old" | "future":
            when = time.time() + (60 if damage == "future" else -31 * 24 * 3600)
            os.utime(kept, (when, when))
        case "content":
            kept.write_bytes(b"\xff")
        case _:
            kept.unlink()
            kept.mkdir()
    assert "couldn't be checked" in check_installable(PINS, HERE, Index(index), run=fails).warning


def test_a_cache_that_cant_be_written_is_no_error(index: str, cache: Path) -> None:
    """A file in the folder's place, for example."""
    cache.parent.mkdir(parents=True)
    cache.write_text("in the way")
    assert not check_installable(PINS, HERE, Index(index)).warning


def test_other_answers_are_not_kept(index: str, cache: Path) -> None:
    """A wheel may come, and an index may answer again."""
    assert "couldn't be checked" in check_installable(PINS, HERE, Index(BROKEN)).warning
    with pytest.raises(MldeployError):
        check_installable(["brand-new==1.0"], HERE, Index(index))
    assert not cache.exists()


def test_old_answers_go(index: str, cache: Path) -> None:
    """Each new answer removes those that are no longer valid."""
    kept = known(index, cache)
    os.utime(kept, (0, 0))
    assert not check_installable(["numpy==2.5.5"], HERE, Index(index)).warning
    assert not kept.exists()

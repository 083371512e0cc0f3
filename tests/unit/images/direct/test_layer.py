"""Layers: any tree comes back, and depends on nothing but its content."""

import os
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mldeploy.errors import disk_full
from mldeploy.images.direct.layer import make_layer

NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/\0", exclude_categories=["Cs"]),
    min_size=1,
    max_size=40,
).filter(lambda name: name not in {".", ".."} and len(name.encode()) < 200)
LARGE = 2_500_000  # bytes: more than two blocks of the compression
MODES = st.sampled_from([0o600, 0o644, 0o755])
LEAVES = st.one_of(
    st.tuples(st.just("file"), st.binary(max_size=3000), MODES),
    st.tuples(st.just("large"), st.integers(0, 255), MODES),
    st.tuples(st.just("link"), st.sampled_from(["a", "../x", "/var/lang"]), st.just(0)),
)
TREES = st.recursive(
    st.dictionaries(NAMES, LEAVES, max_size=4),
    lambda inner: st.dictionaries(NAMES, st.one_of(LEAVES, inner), max_size=4),
    max_leaves=8,
)


def write(tree: dict[str, Any], folder: Path, *, backwards: bool = False) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, what in sorted(tree.items(), reverse=backwards):
        path = folder / name
        match what:
            case dict():
                write(what, path, backwards=backwards)
            case ("file", content, mode):
                path.write_bytes(content)
                path.chmod(mode)
            case ("large", byte, mode):
                path.write_bytes(bytes([byte]) * LARGE)
                path.chmod(mode)
            case ("link", target, _):
                path.symlink_to(target)


def content_of(folder: Path) -> dict[str, object]:
    """Return what a folder holds, as the file system tells it."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = ("link", str(path.readlink()))
        elif path.is_dir():
            found[name] = "folder"
        else:
            found[name] = (path.read_bytes(), bool(path.stat().st_mode & 0o100))
    return found


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(TREES)
def test_any_tree_comes_back(
    tmp_path_factory: pytest.TempPathFactory, tree: dict[str, Any]
) -> None:
    """Names, contents, links, what may be run; written in another order it is the same layer."""
    place = tmp_path_factory.mktemp("tree")
    write(tree, place / "one")
    write(tree, place / "two", backwards=True)
    first = make_layer(place / "one", place / "one.tar.gz", workers=1)
    second = make_layer(place / "two", place / "two.tar.gz", workers=4)
    assert first == second
    with tarfile.open(place / "one.tar.gz") as tar:
        tar.extractall(place / "out", filter="fully_trusted")  # noqa: S202 - our own
    (place / "out").mkdir(exist_ok=True)
    assert content_of(place / "out") == content_of(place / "one")


def test_owners_times_and_umask_change_nothing(tmp_path: Path) -> None:
    """Who made the files, when, and with which umask isn't in the layer."""
    digests = []
    for umask, then in ((0o022, 0), (0o077, 1_700_000_000)):
        before = os.umask(umask)
        try:
            folder = tmp_path / f"{umask}"
            (folder / "var" / "task").mkdir(parents=True)
            (folder / "var" / "task" / "a.py").write_text("x = 1\n")
            os.utime(folder / "var" / "task" / "a.py", (then, then))
        finally:
            os.umask(before)
        digests.append(make_layer(folder, tmp_path / f"{umask}.tar.gz"))
    assert digests[0] == digests[1]
    with tarfile.open(tmp_path / f"{0o077}.tar.gz") as tar:
        members = [(one.name, oct(one.mode), one.uid, one.uname, one.mtime) for one in tar]
    assert members == [
        ("var", "0o755", 0, "", 0),
        ("var/task", "0o755", 0, "", 0),
        ("var/task/a.py", "0o644", 0, "", 0),
    ]
    assert time.time() > 1_700_000_000  # the second file is no file of the future


def test_another_content_is_another_layer(tmp_path: Path) -> None:
    """One byte, one name, one mode: each of them counts."""
    seen = set()
    for number, (name, text, mode) in enumerate(
        [("a", "1", 0o644), ("a", "2", 0o644), ("b", "1", 0o644), ("a", "1", 0o755)]
    ):
        folder = tmp_path / str(number)
        write({name: ("file", text.encode(), mode)}, folder)
        seen.add(make_layer(folder, tmp_path / f"{number}.tar.gz").diff_id)
    assert len(seen) == 4


def test_a_full_disk_is_told_as_one(tmp_path: Path) -> None:
    """The kernel's own full device: the error is the one that names the disk."""
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a").write_bytes(os.urandom(3_000_000))
    with pytest.raises(OSError, match="No space left") as raised:
        make_layer(tmp_path / "root", Path("/dev/full"))
    told = disk_full(raised.value)
    assert told is not None
    assert told.code == "MLD620"

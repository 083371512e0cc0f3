"""Temporary folders that can be distinguished from those of killed processes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

try:
    import fcntl
except ImportError:  # Windows, where leftover folders aren't found
    fcntl = None  # type: ignore[assignment]

_PREFIX = "mldeploy-scratch-"
_LOCK = "lock"


class Scratch:
    """A temporary folder with a lock file that its process holds."""

    def __init__(self) -> None:
        self._outer = tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True)
        outer = Path(self._outer.name).resolve()
        self._lock: IO[bytes] = (outer / _LOCK).open("wb")
        if fcntl is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        self.path = outer / "files"
        self.path.mkdir()

    def cleanup(self) -> None:
        """Remove the folder."""
        self._outer.cleanup()
        self._lock.close()

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cleanup()


def left_scratch() -> Iterator[Path]:
    """Yield the folders of this user's killed processes."""
    for folder in Path(tempfile.gettempdir()).resolve().glob(f"{_PREFIX}*"):
        if not folder.is_symlink() and folder.stat().st_uid == os.getuid() and _is_left(folder):
            yield folder


def _is_left(folder: Path) -> bool:
    """Return whether no process holds the lock; new folders without a lock file aren't left."""
    if not (folder / "files").is_dir():
        return False
    try:
        with (folder / _LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def size_of(path: Path) -> int:
    """Return the bytes of the files below a folder, without following links."""
    paths = (Path(folder) / name for folder, _, names in os.walk(path) for name in names)
    return sum(one.lstat().st_size for one in paths)


def remove_path(folder: Path) -> bool:
    """Remove a folder with its contents; return False if a part of it can't be removed."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()

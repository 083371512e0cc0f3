"""Temporary folders that can be told from those of a process that was killed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO

try:
    import fcntl
except ImportError:  # Windows, where mldeploy trains and deploys, but finds none again
    fcntl = None  # type: ignore[assignment]

_PREFIX = "mldeploy-scratch-"
_LOCK = "lock"


class Scratch:
    """A temporary folder; its process holds a lock beside it, which ends with the process."""

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
    """Yield the folders of this user's processes that were killed."""
    for folder in Path(tempfile.gettempdir()).resolve().glob(f"{_PREFIX}*"):
        if not folder.is_symlink() and folder.stat().st_uid == os.getuid() and _is_left(folder):
            yield folder


def _is_left(folder: Path) -> bool:
    """Return whether no process holds the lock; one that is just being made has none yet."""
    if not (folder / "files").is_dir():
        return False
    try:
        with (folder / _LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def size_of(path: Path) -> int:
    """Return the bytes of the files below a folder; links aren't followed."""
    paths = (Path(folder) / name for folder, _, names in os.walk(path) for name in names)
    return sum(one.lstat().st_size for one in paths)


def remove_path(folder: Path) -> bool:
    """Remove a folder with all that is in it; returns False where a part of it can't be removed."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()

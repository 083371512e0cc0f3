"""Files and folders that appear when they are whole."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mldeploy.files.places import opened_own

try:
    import fcntl
except ImportError:  # Windows, where processes aren't kept apart
    fcntl = None  # type: ignore[assignment]


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """Yield a new path beside a file to write to; it replaces the file if the work succeeds.

    Raises:
        OSError: the file can't be renamed.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}")
    part.unlink(missing_ok=True)  # of a process that crashed
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def swap(new: Path, place: Path) -> None:
    """Replace a folder with a copy of a new one; after a crash one of them is complete.

    Raises:
        OSError: the folder can't be written.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    staged = place.with_name(f".{place.name}.new")
    old = place.with_name(f".{place.name}.old")
    for path in (staged, old):
        shutil.rmtree(path, ignore_errors=True)
    try:
        shutil.copytree(new, staged)
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)  # a full disk needs the room
        raise
    if place.exists():
        place.rename(old)
    staged.rename(place)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Let only one process at a time make a file or folder; the others wait.

    Raises:
        OSError: the lock file beside it can't be made, or isn't this user's.
    """
    lock = opened_own(path.with_name(f"{path.name}.lock"), os.O_WRONLY | os.O_CREAT)
    with os.fdopen(lock, "wb") as file:
        if fcntl is not None:
            fcntl.flock(file, fcntl.LOCK_EX)
        yield

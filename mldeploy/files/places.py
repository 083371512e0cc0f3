"""mldeploy's private files in the user's home.

Source of the folders: the XDG Base Directory Specification.
"""

import os
import stat
from pathlib import Path


def state_home() -> Path:
    """Return the user's state folder, which may not exist.

    Raises:
        RuntimeError: the user has no home.
    """
    return _home("XDG_STATE_HOME", ".local/state")


def cache_home() -> Path:
    """Return the user's cache folder, which may not exist.

    Raises:
        RuntimeError: the user has no home.
    """
    return _home("XDG_CACHE_HOME", ".cache")


def _home(variable: str, default: str) -> Path:
    given = Path(os.environ.get(variable, ""))
    # The specification: relative paths must be ignored.
    return (given if given.is_absolute() else Path.home() / default) / "mldeploy"


def private(folder: Path) -> Path:
    """Create a folder with access for this user only, and return it.

    Raises:
        OSError: it can't be created, or is a link or another user's, which others could change.
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    if require_own(folder).st_mode & 0o077:
        folder.chmod(0o700)
    return folder


def require_own(folder: Path) -> os.stat_result:
    """Return the status of a folder that this user owns.

    Raises:
        OSError: it doesn't exist, or is a link or another user's, which others could change.
    """
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise PermissionError(f"{folder} doesn't belong to this user")
    return found


def opened_own(path: Path, flags: int) -> int:
    """Open a file that this user owns; return its descriptor.

    Args:
        path: the file; with O_CREAT it is created with mode 0600.
        flags: of `os.open`.

    Raises:
        OSError: it can't be opened, or is a link, not a file, or another user's.
    """
    found = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    facts = os.fstat(found)
    if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.getuid():
        os.close(found)
        raise PermissionError(f"{path} doesn't belong to this user")
    return found


def write_new(path: Path, text: str) -> None:
    """Write a new file, readable only for this user.

    Raises:
        FileExistsError: it exists, or a link does.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    # A file's name in the text may contain bytes that aren't UTF-8.
    data = text.encode("utf-8", errors="backslashreplace")
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)

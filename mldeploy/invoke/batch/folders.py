"""Inputs and outputs on this machine."""

import fcntl
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mldeploy.errors import MldeployError
from mldeploy.files.whole import whole
from mldeploy.invoke.batch.jobs import File, format_of, is_input, overlap
from mldeploy.invoke.batch.storage import LOCK
from mldeploy.text.visible import visible


def inputs_of(given: Path, output: Path) -> tuple[File, ...]:
    """Return the files of an input, sorted: the one given, or those below a folder.

    Raises:
        MldeployError: MLD640 if it doesn't exist, or has a format that isn't supported, or if input
            and output overlap.
    """
    root, target = given.resolve(), output.resolve()
    if not root.exists():
        raise MldeployError("MLD640", f"{given} doesn't exist", "give a file or a folder")
    if root == target or root in target.parents or target in root.parents:
        raise overlap(given, output)
    if root.is_file():
        return (_file(root),)
    names = ((path.relative_to(root).parts, path) for path in root.rglob("*") if path.is_file())
    return tuple(_file(path) for parts, path in sorted(names) if is_input(parts))


def _file(path: Path) -> File:
    kind, facts = format_of(str(path)), path.stat()
    return File(str(path), f"{facts.st_mtime_ns}-{facts.st_size}", facts.st_size, kind)


class Folder:
    """An output on this machine. See `Storage`."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def get(self, name: str) -> bytes | None:
        """Return a file, or None."""
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def create(self, name: str, content: bytes) -> bool:
        """Write a new file that appears when it is complete."""
        target = self._root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        new = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
        try:
            new.write_bytes(content)
            target.hardlink_to(new)
        except FileExistsError:
            return False
        finally:
            new.unlink(missing_ok=True)
        return True

    def put(self, name: str, content: bytes) -> None:
        """Write a file."""
        target = self._root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with whole(target) as new:
            new.write_bytes(content)

    def delete(self, names: Iterable[str]) -> None:
        """Delete files."""
        for name in names:
            (self._root / name).unlink(missing_ok=True)

    def names(self, start: str = "") -> list[str]:
        """Return the names of files."""
        files = (path for path in self._root.rglob("*") if path.is_file())
        names = sorted(path.relative_to(self._root).as_posix() for path in files)
        return [name for name in names if name.startswith(start)]


@contextmanager
def locked(output: Path) -> Iterator[None]:
    """Keep other processes out of an output.

    Raises:
        MldeployError: MLD642 if one is at work there, MLD640 if the folder can't be written.
    """
    path = output / LOCK
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise MldeployError(
                    "MLD642",
                    f"another `mldeploy batch` is writing to {output}",
                    "wait until it ends, or give another output",
                ) from None
            yield
    except (PermissionError, NotADirectoryError, FileExistsError) as error:
        raise MldeployError(
            "MLD640",
            f"can't write to {visible(str(output))}: {error.strerror}",
            "give a folder that can be written",
        ) from error

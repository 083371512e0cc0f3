"""Where a job reads its inputs and writes its output: local folders, or S3."""

import os
import secrets
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, Protocol

File = dict[str, Any]
"""An input: "uri" and "etag" (both as the store knows them), "size" in bytes, "format"."""
_TEMPORARY = "_job/tmp"


class InputError(Exception):
    """An input that can't be scored as a whole; the text says why and names the file."""


class NoPyarrowError(InputError):
    """A Parquet file, and no pyarrow to read it with."""


class Store(Protocol):
    """Reads inputs, and reads and writes the files of one output by their names in it."""

    def read(self, file: File, start: int, end: int) -> bytes:
        """Return a range of an input's bytes.

        Raises:
            InputError: if the input isn't the one that the job was planned with.
        """
        ...

    def get(self, name: str) -> bytes | None:
        """Return a file of the output, or None if it doesn't exist."""
        ...

    def put(self, name: str, content: IO[bytes]) -> None:
        """Write a file of the output from a stream's beginning, whole or not at all."""
        ...

    def delete(self, names: Iterable[str]) -> None:
        """Delete files of the output, if they exist."""
        ...

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the names and sizes of the output's files that begin with `prefix`."""
        ...


class LocalStore:
    """Files on this machine.

    Args:
        root: the output's folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, file: File, start: int, end: int) -> bytes:
        """Return a range of a file whose modification time and size are the planned ones."""
        try:
            with Path(file["uri"]).open("rb") as stream:
                facts = os.fstat(stream.fileno())
                if f"{facts.st_mtime_ns}-{facts.st_size}" != file["etag"]:
                    raise changed(file)
                stream.seek(start)
                return stream.read(end - start)
        except FileNotFoundError as error:
            raise InputError(f"{file['uri']} doesn't exist any more") from error

    def get(self, name: str) -> bytes | None:
        """Return a file, or None."""
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def put(self, name: str, content: IO[bytes]) -> None:
        """Write a file that replaces the one of this name when it is complete."""
        temporary = self._root / _TEMPORARY / f"{os.getpid()}-{secrets.token_hex(8)}"
        temporary.parent.mkdir(parents=True, exist_ok=True)
        content.seek(0)
        try:
            with temporary.open("xb") as stream:
                shutil.copyfileobj(content, stream, 1 << 20)
                stream.flush()
                # A done record must not survive a power cut that its part doesn't survive.
                os.fsync(stream.fileno())
            target = self._root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)

    def delete(self, names: Iterable[str]) -> None:
        """Delete files."""
        for name in names:
            (self._root / name).unlink(missing_ok=True)

    def sizes(self, prefix: str) -> dict[str, int]:
        """Return the names and sizes of files."""
        folder = self._root / prefix.rpartition("/")[0]
        if not folder.is_dir():
            return {}
        files = (path for path in folder.rglob("*") if path.is_file())
        named = {path.relative_to(self._root).as_posix(): path for path in files}
        return {
            name: path.stat().st_size
            for name, path in sorted(named.items())
            if name.startswith(prefix)
        }


def changed(file: File) -> InputError:
    """Return the error for an input that another one has replaced."""
    return InputError(f"{file['uri']} has changed since the job began; its parts would not fit")

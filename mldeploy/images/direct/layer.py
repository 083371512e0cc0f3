"""Creates reproducible layers: compressed tars, with equal bytes for equal files."""

import os
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from mldeploy.images.direct.gzipped import Gzip

_FORMAT = tarfile.PAX_FORMAT
"""Supports longer names than ustar, and Unicode."""
_FOLDER, _FILE, _PROGRAM = 0o755, 0o644, 0o755


@dataclass(frozen=True)
class Layer:
    """A layer as in a registry.

    Attributes:
        digest: of the compressed file.
        diff_id: of the tar.
        size: bytes of the compressed file.
        unpacked: bytes of the tar.
    """

    digest: str
    diff_id: str
    size: int
    unpacked: int


def make_layer(root: Path, target: Path, workers: int | None = None) -> Layer:
    """Write a folder's content as a layer; the folder represents the image's root.

    Names, contents, links and the executable bit are kept. Owners, times and all other permissions
    have fixed values, because they depend on the machine.

    Args:
        root: the folder.
        target: the new file, `.tar.gz`.
        workers: number of threads that compress.

    Raises:
        OSError: a file can't be read, or the layer can't be written.
    """
    with (
        target.open("wb") as file,
        Gzip(file, workers) as stream,
        tarfile.open(fileobj=cast("IO[bytes]", stream), mode="w|", format=_FORMAT) as tar,
    ):
        for path in _sorted(root):
            _add(tar, root, path)
    return Layer(stream.digest, stream.content_digest, stream.size, stream.length)


def _sorted(root: Path) -> Iterator[Path]:
    """Yield everything below a folder, sorted by name, each folder before its content."""
    for path in sorted(root.iterdir(), key=lambda one: os.fsencode(one.name)):
        yield path
        if path.is_dir() and not path.is_symlink():
            yield from _sorted(path)


def _add(tar: tarfile.TarFile, root: Path, path: Path) -> None:
    facts = path.lstat()
    info = tarfile.TarInfo(path.relative_to(root).as_posix())
    if stat.S_ISLNK(facts.st_mode):
        info.type, info.linkname, info.mode = tarfile.SYMTYPE, str(path.readlink()), 0o777
        tar.addfile(info)
    elif stat.S_ISDIR(facts.st_mode):
        info.type, info.mode = tarfile.DIRTYPE, _FOLDER
        tar.addfile(info)
    else:
        info.mode = _PROGRAM if facts.st_mode & stat.S_IXUSR else _FILE
        with path.open("rb") as file:
            info.size = os.fstat(file.fileno()).st_size
            tar.addfile(info, file)

"""Searches an image for secrets: its history, settings, and all files of its layers."""

import tarfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import RawIOBase
from typing import IO, Any, cast

from mldeploy.errors import MldeployError

_PIECE = 1 << 20
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
"""Magic numbers of compressed streams: RFC 1952, RFC 8878."""


@dataclass
class Found:
    """The result of a search.

    Attributes:
        secret: whether the image contains one.
        closed: layers that couldn't be read, by their names in the export.
    """

    secret: bool = False
    closed: list[str] = field(default_factory=list)


def search(api: Any, reference: str, secrets: Iterable[str]) -> Found:
    """Search an image's history, settings and all files of its layers for secrets.

    Raises:
        MldeployError: MLD315 if the engine's export can't be read.
    """
    wanted = [one.encode() for one in secrets if one]
    if not wanted:
        return Found()
    facts = f"{api.history(reference)}{api.inspect_image(reference)}".encode()
    if any(one in facts for one in wanted):
        return Found(secret=True)
    try:
        return search_export(api.get_image(reference), wanted)
    except (tarfile.TarError, zlib.error, EOFError) as error:
        raise MldeployError(
            "MLD315",
            f"the engine's export of the image can't be searched for the index's login: {error}",
            "run the command again; if it fails again, pass the login to the build in another way "
            "than [image] index_url",
        ) from error


def search_export(chunks: Iterable[bytes], wanted: list[bytes]) -> Found:
    """Search an image in the format of `docker save`.

    It is a tar of tars: Docker's classic store writes uncompressed layers, the containerd store
    gzip (moby, daemon/containerd/image_exporter.go), in OCI's layout.
    """
    found = Found()
    with tarfile.open(
        fileobj=cast("IO[bytes]", _Stream(iter(chunks))), mode="r|", bufsize=_PIECE
    ) as tar:
        for member in tar:
            file = tar.extractfile(member) if member.isreg() else None
            if file is None:
                continue
            first = file.read(_PIECE)
            pieces = _opened(first, _after(first, file))
            if pieces is None:
                found.closed.append(member.name.rpartition("/")[2])
            elif _holds(pieces, wanted):
                found.secret = True
                return found
    return found


def _opened(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes] | None:
    """Return a file's decompressed content, detected by its beginning; None if unsupported."""
    if first.startswith(_ZSTD):
        return _without_zstd(pieces)
    return _without_gzip(pieces) if first.startswith(_GZIP) else pieces


def _after(first: bytes, file: IO[bytes]) -> Iterator[bytes]:
    yield first
    while piece := file.read(_PIECE):
        yield piece


def _without_gzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress a gzip stream of one or several members."""
    member, ended = zlib.decompressobj(wbits=31), False
    for piece in pieces:
        rest = piece.lstrip(b"\0") if ended else piece  # padding isn't a member
        while rest:
            yield member.decompress(rest, _PIECE)
            ended = member.eof
            rest = member.unused_data.lstrip(b"\0") if ended else member.unconsumed_tail
            if ended:
                member = zlib.decompressobj(wbits=31)
    if not ended:
        raise EOFError("a layer ends too early")


def _without_zstd(pieces: Iterable[bytes]) -> Iterator[bytes] | None:
    """Decompress a zstd stream, which requires Python 3.14."""
    try:
        from compression.zstd import ZstdFile  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    file = ZstdFile(cast("IO[bytes]", _Stream(iter(pieces))))
    return iter(lambda: bytes(file.read(_PIECE)), b"")


def _holds(pieces: Iterable[bytes], wanted: list[bytes]) -> bool:
    """Return whether a stream contains one of these texts, including across chunks."""
    overlap = max(map(len, wanted)) - 1
    tail = b""
    for piece in pieces:
        text = tail + piece
        if any(one in text for one in wanted):
            return True
        tail = text[-overlap:] if overlap else b""
    return False


class _Stream(RawIOBase):
    """Chunks as a file that can only be read forward."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Read a number of bytes, fewer only at the end."""
        parts, length = [self._rest], len(self._rest)
        while size < 0 or length < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            parts.append(chunk)
            length += len(chunk)
        text = b"".join(parts)
        end = length if size < 0 else size
        self._rest = text[end:]
        return text[:end]

"""Reproducible gzip: its bytes depend only on the content, not on time, name or processors."""

import hashlib
import os
import struct
import zlib
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import IO, Self

_BLOCK = 1 << 20
"""Bytes per compressed block. Another size would change all digests."""
_LEVEL = 5
"""Of scikit-learn's libraries 6 makes 1.3 % less, and takes 1.6 times as long."""
_HEADER = b"\x1f\x8b\x08\x00" + bytes(4) + b"\x00\xff"
"""RFC 1952, 2.3: deflate, no flags, no time, unknown system."""
_LAST = b"\x03\x00"
"""The last block of a deflate stream, without content (RFC 1951, 3.2.6)."""


class Gzip:
    """A stream that compresses to a file as one gzip member.

    Blocks are compressed independently in several threads, because zlib releases the GIL, and are
    written in order.

    Args:
        file: the target; it isn't closed.
        workers: number of threads; one per processor by default.

    Attributes:
        size: bytes written to the file.
        length: bytes of the content.
    """

    def __init__(self, file: IO[bytes], workers: int | None = None) -> None:
        self._file = file
        count = workers or os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(count)
        self._most = 2 * count
        self._waiting: deque[Future[bytes]] = deque()
        self._rest = bytearray()
        self._content, self._written, self._crc = hashlib.sha256(), hashlib.sha256(), 0
        self.size = self.length = 0

    @property
    def digest(self) -> str:
        """The file's digest, in the registries' format."""
        return f"sha256:{self._written.hexdigest()}"

    @property
    def content_digest(self) -> str:
        """The content's digest."""
        return f"sha256:{self._content.hexdigest()}"

    def write(self, content: bytes) -> int:
        """Compress content of any length."""
        self._rest += content
        while len(self._rest) >= _BLOCK:
            self._start(bytes(self._rest[:_BLOCK]))
            del self._rest[:_BLOCK]
        return len(content)

    def _start(self, block: bytes) -> None:
        if not self.length:
            self._put(_HEADER)
        self._content.update(block)
        self._crc = zlib.crc32(block, self._crc)
        self.length += len(block)
        self._waiting.append(self._pool.submit(_deflated, block))
        while len(self._waiting) > self._most:
            self._put(self._waiting.popleft().result())

    def _put(self, content: bytes) -> None:
        self._file.write(content)
        self._written.update(content)
        self.size += len(content)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write the rest, unless an exception was raised."""
        try:
            if error is None:
                self._finish()
        finally:
            self._pool.shutdown(cancel_futures=True)

    def _finish(self) -> None:
        self._start(bytes(self._rest))
        while self._waiting:
            self._put(self._waiting.popleft().result())
        self._put(_LAST + struct.pack("<LL", self._crc, self.length & 0xFFFFFFFF))


def _deflated(block: bytes) -> bytes:
    """Return deflate blocks that end at a byte boundary, so that others can follow."""
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    return stream.compress(block) + stream.flush(zlib.Z_FULL_FLUSH)

"""Reading request bodies and writing responses, for both servers of `mldeploy.local`."""

import re
from collections.abc import Iterable
from http.server import ThreadingHTTPServer
from typing import Any

from mldeploy.local.servers.guard import Refusal, Rules, nobody, refusal
from mldeploy.local.servers.limits import LimitedHandler, LimitedServer

LOOPBACK = "127.0.0.1"
_LENGTH = re.compile(r"[0-9]+")
_CHUNK = re.compile(rb"([0-9A-Fa-f]+)[ \t]*(;.*)?")
_LINE = 8192
"""Maximum bytes of a chunk's header line, and of a trailer."""


class TooLongError(Exception):
    """Raised if a body is larger than allowed."""


class Server(LimitedServer, ThreadingHTTPServer):
    """A threaded server on loopback."""

    daemon_threads = True
    request_queue_size = 512

    @property
    def port(self) -> int:
        """The server's port."""
        return int(self.socket.getsockname()[1])

    def handle_error(self, *_: Any) -> None:
        """Ignore clients that have disconnected."""


class Handler(LimitedHandler):
    """A handler for every method."""

    protocol_version = "HTTP/1.1"

    def __getattr__(self, name: str) -> Any:
        """Return the handler of any method: the library looks up do_GET and others."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self) -> None:
        """Respond to the request."""
        raise NotImplementedError

    def header(self, name: str) -> str:
        """Return a header's values joined by commas, or ""."""
        return ",".join(self.headers.get_all(name, []))

    def refusal(self, rules: Rules = nobody) -> Refusal | None:
        """Return why the request is refused, or None. `rules`: of the API."""
        return refusal(self.header, self.connection.getsockname()[1], rules)

    def body_length(self, most: int) -> int | None:
        """Return the body's length in bytes; None if it is chunked.

        Raises:
            TooLongError: if it is longer than `most`.
            ValueError: if the length is ambiguous (RFC 9112, 6.3).
        """
        codings = self.headers.get_all("transfer-encoding")
        lengths = {one.strip() for one in self.headers.get_all("content-length", [])}
        if codings is not None:
            if lengths or [one.strip().lower() for one in codings] != ["chunked"]:
                raise ValueError(codings)
            return None
        if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            raise ValueError(lengths)
        length = int(lengths.pop()) if lengths else 0
        if length > most:
            raise TooLongError
        return length

    def read_body(self, most: int) -> bytes:
        """Read the body, chunked or not.

        Raises:
            TooLongError: if it is longer than `most` bytes.
            ValueError: if its framing is invalid, or if it is truncated.
        """
        length = self.body_length(most)
        return self._chunks(most) if length is None else self._read(length)

    def _chunks(self, most: int) -> bytes:
        found = bytearray()
        while size := self._chunk_size():
            if len(found) + size > most:
                raise TooLongError
            found += self._read(size)
            if self._read(2) != b"\r\n":
                raise ValueError(size)
        while self._line():
            pass  # trailers
        return bytes(found)

    def _chunk_size(self) -> int:
        line = self._line()
        found = _CHUNK.fullmatch(line)
        if found is None:
            raise ValueError(line)
        return int(found[1], 16)

    def _line(self) -> bytes:
        line = self.rfile.readline(_LINE)
        if not line.endswith(b"\n"):
            raise ValueError(line)
        return line.rstrip(b"\r\n")

    def _read(self, length: int) -> bytes:
        found = self.rfile.read(length)
        if len(found) < length:
            raise ValueError(length)
        return found

    def write(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Write a response, without its body for HEAD."""
        self.send_response_only(status)
        for name, value in headers:
            # The library writes Latin-1; other characters are written as UTF-8 bytes.
            self.send_header(name, value.encode().decode("latin-1"))
        if status >= 200 and status not in {204, 304}:  # noqa: PLR2004 - those have no body
            self.send_header("content-length", str(len(body)))
        if self.close_connection:
            self.send_header("connection", "close")
        elif self.request_version == "HTTP/1.0":
            # Such a client keeps the connection only if the server agrees (RFC 9112, C.2.2).
            self.send_header("connection", "keep-alive")
        self.end_headers()
        if self.command != "HEAD" and status not in {204, 304}:
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Log nothing, because the functions' logs contain the requests."""

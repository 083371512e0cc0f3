"""What both servers of `mldeploy.local` share: how a request's body is read, an answer written."""

from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOOPBACK = "127.0.0.1"


class TooLongError(Exception):
    """A body has more bytes than are taken."""


class Server(ThreadingHTTPServer):
    """A threaded server on loopback."""

    daemon_threads = True
    request_queue_size = 512

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.socket.getsockname()[1])

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that went away."""


class Handler(BaseHTTPRequestHandler):
    """A handler that takes every method."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet: two would wait 40 ms for each other

    def __getattr__(self, name: str) -> Any:
        """Take every method that there is: the library looks for do_GET and its like."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def answer(self) -> None:
        """Answer the request."""
        raise NotImplementedError

    def read_body(self, most: int) -> bytes:
        """Read the body, chunked or not.

        Raises:
            TooLongError: where it has more than `most` bytes.
            ValueError: where its length is none.
        """
        if "chunked" in self.headers.get("transfer-encoding", "").lower():
            return self._chunks(most)
        length = int(self.headers.get("content-length") or 0)
        if length > most:
            raise TooLongError
        if length < 0:
            raise ValueError(length)
        return self.rfile.read(length)

    def _chunks(self, most: int) -> bytes:
        found = bytearray()
        while size := int(self.rfile.readline(8192).partition(b";")[0], 16):
            if size < 0:
                raise ValueError(size)
            if len(found) + size > most:
                raise TooLongError
            found += self.rfile.read(size)
            self.rfile.readline(2)
        while self.rfile.readline(8192).strip():
            pass  # trailers
        return bytes(found)

    def write(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        """Write an answer; to HEAD without its body."""
        self.send_response_only(status)
        for name, value in headers:
            # The library writes Latin-1; what isn't goes as the bytes of UTF-8.
            self.send_header(name, value.encode().decode("latin-1"))
        if status >= 200 and status not in {204, 304}:  # noqa: PLR2004 - those have no body
            self.send_header("content-length", str(len(body)))
        if self.close_connection:
            self.send_header("connection", "close")
        self.end_headers()
        if self.command != "HEAD" and status not in {204, 304}:
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the functions' logs tell."""

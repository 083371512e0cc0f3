"""Limits a server's time and number of connections, so that no client can block it.

A connection waits for its client while it is read or written. If too many are open, the one that
has waited longest is closed for the next, so idle ones can't keep clients out.
"""

import io
import json
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from operator import itemgetter
from typing import Any

PATIENCE = 30.0
"""Seconds until a connection's next request begins, until it is complete, and until a client
accepts the next bytes of a response."""
MOST = 256
"""Connections of a process; fifty clients use far fewer, and a common limit is 1,024 files."""
_TEXT = json.dumps({"message": "MLD619: too many connections at once"}).encode()
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n"
    b"connection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(_TEXT), _TEXT)
)


class Room:
    """The open connections, and since when each waits for its client (None if it doesn't).

    Args:
        most: maximum number.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._since: dict[Any, float | None] = {}

    def admits(self, connection: Any) -> bool:
        """Add a connection, replacing another if necessary; return False if there is no room."""
        with self._lock:
            if len(self._since) >= self._most and not self._makes_room():
                return False
            self._since[connection] = time.monotonic()
            return True

    def waits(self, connection: Any, since: float | None) -> None:
        """Record since when a connection waits for its client."""
        with self._lock:
            if connection in self._since:
                self._since[connection] = since

    def leaves(self, connection: Any) -> None:
        """Remove a connection that has ended."""
        with self._lock:
            self._since.pop(connection, None)

    def _makes_room(self) -> bool:
        waiting = [(one, since) for one, since in self._since.items() if since is not None]
        if not waiting:
            return False
        oldest, _ = min(waiting, key=itemgetter(1))
        del self._since[oldest]
        _end(oldest)
        return True


class LimitedServer(HTTPServer):
    """A mixin for threaded servers, to list before them. `room`: of the whole process."""

    room = Room(MOST)

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._open: set[Any] = set()
        super().__init__(*arguments, **named)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle a connection in its own thread, if there is room for it."""
        if self.room.admits(request):
            self._open.add(request)
            super().process_request(request, client_address)
            return
        with suppress(OSError):
            request.sendall(_FULL)
        self.shutdown_request(request)

    def shutdown_request(self, request: Any) -> None:
        """End a connection."""
        self.room.leaves(request)
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Stop listening, and close the connections that clients keep open."""
        super().server_close()
        for one in list(self._open):
            _end(one)


def _end(connection: Any) -> None:
    """Wake the thread that reads a connection, which closes it."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class LimitedHandler(BaseHTTPRequestHandler):
    """A mixin for handlers, to list before them."""

    def setup(self) -> None:
        """Read and write through `Wire`, which enforces timeouts."""
        super().setup()
        room = self.server.room if isinstance(self.server, LimitedServer) else Room(0)
        self.wire = Wire(self.connection, room)
        self.rfile.close()
        self.rfile = io.BufferedReader(self.wire)
        self.wfile = io.BufferedWriter(self.wire)

    def handle_one_request(self) -> None:
        """Handle a request, or end the connection if none arrives in time."""
        self.wire.begin()
        super().handle_one_request()

    def finish(self) -> None:
        """Flush the output; ignore clients that have disconnected."""
        with suppress(OSError):
            self.wfile.flush()


class Wire(io.RawIOBase):
    """A connection's stream with timeouts.

    Args:
        connection: the socket.
        room: records since when it waits for its client.

    Attributes:
        idle: seconds until the next request begins; None for no limit.
    """

    def __init__(self, connection: Any, room: Room) -> None:
        self._connection, self._room = connection, room
        self._until: float | None = None
        self.idle: float | None = PATIENCE

    def readable(self) -> bool:
        """Return True: it can be read."""
        return True

    def writable(self) -> bool:
        """Return True: it can be written."""
        return True

    def begin(self) -> None:
        """Wait for a new request."""
        self._until = None

    def readinto(self, buffer: Any) -> int:
        """Read available bytes.

        Raises:
            TimeoutError: nothing arrived in time.
        """
        left = self.idle if self._until is None else self._until - time.monotonic()
        if left is not None and left <= 0:
            raise TimeoutError
        count: int = self._done(left, self._connection.recv_into, buffer)
        if self._until is None:
            self._until = time.monotonic() + PATIENCE
        return count

    def write(self, data: Any) -> int:
        """Write what the client accepts.

        Raises:
            TimeoutError: it accepts nothing in time.
        """
        count: int = self._done(PATIENCE, self._connection.send, data)
        return count

    def _done(self, seconds: float | None, does: Callable[[Any], int], data: Any) -> int:
        self._connection.settimeout(seconds)
        self._room.waits(self._connection, time.monotonic())
        try:
            return does(data)
        finally:
            self._room.waits(self._connection, None)

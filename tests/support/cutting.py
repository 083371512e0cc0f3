"""A proxy on loopback that cuts a connection in the middle, at a port or at a Unix socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_PIECE = 65536
Cut = Callable[[bytes, int], bool]
"""Is asked with a piece and the bytes of its connection so far: whether to cut before it."""


@dataclass
class Cutting:
    """A proxy that listens.

    Attributes:
        port: on loopback.
        up: decides over what clients send.
        down: decides over what is answered.
        cuts: how many connections were cut.
    """

    port: int
    up: Cut = field(default=lambda _piece, _so_far: False)
    down: Cut = field(default=lambda _piece, _so_far: False)
    cuts: int = 0


@contextmanager
def cutting(
    target: str | tuple[str, int], listening: socket.socket | None = None
) -> Iterator[Cutting]:
    """Pass connections on to a Unix socket's path, or to (host, port), until told to cut.

    Args:
        target: where they go.
        listening: the socket at which they come in; by default one of its own.
    """
    with listening or socket.create_server(("127.0.0.1", 0)) as server:
        found = Cutting(server.getsockname()[1])
        threading.Thread(target=_accept, args=(server, target, found), daemon=True).start()
        try:
            yield found
        finally:
            with suppress(OSError):
                server.shutdown(socket.SHUT_RDWR)  # closing alone wakes nobody who accepts


def _accept(server: socket.socket, target: str | tuple[str, int], proxy: Cutting) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:  # it is closed
            return
        there = socket.socket(socket.AF_UNIX if isinstance(target, str) else socket.AF_INET)
        there.connect(target)
        for a, b, up in ((client, there, True), (there, client, False)):
            threading.Thread(target=_pass, args=(a, b, proxy, up), daemon=True).start()


def _pass(source: socket.socket, sink: socket.socket, proxy: Cutting, up: bool) -> None:  # noqa: FBT001
    so_far = 0
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            if (proxy.up if up else proxy.down)(piece, so_far):
                proxy.cuts += 1
                for one in (source, sink):
                    one.shutdown(socket.SHUT_RDWR)
                return
            sink.sendall(piece)
            so_far += len(piece)
        sink.shutdown(socket.SHUT_WR)

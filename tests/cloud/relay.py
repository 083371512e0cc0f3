"""A door from containers to the emulated AWS, which listens on loopback only.

It listens on the engine's bridge, which nobody but this machine and its containers reaches. Tests
decide at the door what happens to a request: it passes, is throttled, or its response is cut off.
"""

from __future__ import annotations

import contextlib
import re
import socket
import socketserver
import threading
from ipaddress import ip_network
from typing import TYPE_CHECKING

from tests.cloud import engine
from tests.cloud.state import LOOPBACK, CloudError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PASS, THROTTLE, CUT = "pass", "throttle", "cut"
_HEAD_BYTES = 1 << 16
_BODY = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
# Amazon S3 API reference, "Error responses": SlowDown is a 503.
_SLOW_DOWN = (
    b"HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n"
    b"Content-Length: " + str(len(_BODY)).encode() + b"\r\n\r\n" + _BODY
)


def bridge_address(docker_host: str = "") -> str:
    """Return the engine's address on its bridge, which is `host-gateway` in containers.

    Raises:
        CloudError: the engine has no bridge.
    """
    network = engine.client(docker_host).networks.get("bridge")
    for one in network.attrs["IPAM"]["Config"]:
        first = next(ip_network(one["Subnet"]).hosts())
        return str(one.get("Gateway", first))
    raise CloudError("the Docker engine has no bridge")


@contextlib.contextmanager
def relay(port: int, decide: Callable[[str, str], str], docker_host: str = "") -> Iterator[None]:
    """Let containers reach a port of this machine's loopback."""

    class Door(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                _serve(self.request, port, decide)

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer((bridge_address(docker_host), port), Door) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()


def _serve(client: socket.socket, port: int, decide: Callable[[str, str], str]) -> None:
    """Serve one request of a connection; the server closes it, so that each one is decided."""
    head, rest = _head(client)
    if not head:
        return
    method, path = (*head.split(b"\r\n", 1)[0].decode("latin-1").split(" "), "")[:2]
    decided = decide(method, path)
    if decided == THROTTLE:
        _drained(client, head, rest)
        client.sendall(_SLOW_DOWN)
        return
    with socket.create_connection((LOOPBACK, port)) as server:
        server.sendall(_closing(head) + rest)
        threading.Thread(target=_pump, args=(client, server), daemon=True).start()
        if decided == CUT:
            server.recv(_HEAD_BYTES)  # it took effect
            return
        _pump(server, client)


def _head(client: socket.socket) -> tuple[bytes, bytes]:
    found = b""
    while b"\r\n\r\n" not in found:
        piece = client.recv(_HEAD_BYTES)
        if not piece:
            return b"", b""
        found += piece
    head, _, rest = found.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def _closing(head: bytes) -> bytes:
    """Return a request's head that asks the server to close the connection."""
    plain = re.sub(rb"(?im)^connection:[^\r]*\r\n", b"", head)
    return plain[:-2] + b"Connection: close\r\n\r\n"


def _drained(client: socket.socket, head: bytes, rest: bytes) -> None:
    """Read a request's body, unless the client waits for a word before it sends one."""
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    left = int(length[1]) - len(rest) if length else 0
    if re.search(rb"(?im)^expect:", head):
        return
    while left > 0 and (piece := client.recv(_HEAD_BYTES)):
        left -= len(piece)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(_HEAD_BYTES):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)

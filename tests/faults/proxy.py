"""A loopback proxy in front of a moto server, which forwards a request and cuts its answer."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from moto.server import ThreadedMotoServer

from tests.strict.calls import Call

Raw = dict[str, Any]
"""An answer as botocore's parsers take it: status_code, headers, body."""


class Proxy:
    """Cuts the answer of one change of the program's.

    Attributes:
        url: where clients call it.
        cut: how many answers it has cut.
    """

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._left = 0
        self._due = False
        self._lost: Raw | None = None
        self.cut = 0
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._http.shutdown()
        self._http.server_close()

    def cut_at(self, change: int) -> None:
        """Cut the answer of that change, counted from 1 from now on."""
        self._left, self._due, self._lost, self.cut = change, False, None, 0

    def notice(self, call: Call) -> None:
        """Count a call that the program is about to make."""
        self._due = False  # the last one was answered by a rule, and never came here
        if call.mutating:
            self._left -= 1
            self._due = self._left == 0 and call.service != "docker"

    def take_lost(self) -> Raw | None:
        """Return, once, the answer that was cut."""
        lost, self._lost = self._lost, None
        return lost

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body go in two packets, which would wait 40 ms for each other.
            disable_nagle_algorithm = True

            def handle_one_request(self) -> None:
                """Forward any method."""
                self.raw_requestline = self.rfile.readline(65537)
                if not self.raw_requestline or not self.parse_request():
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                answer = proxy._forwarded(self.command, self.path, dict(self.headers), body)
                if proxy._due:
                    proxy._due, proxy._lost, proxy.cut = False, answer, proxy.cut + 1
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self._relay(answer)

            def _relay(self, answer: Raw) -> None:
                self.send_response_only(answer["status_code"])
                for name, value in answer["headers"].items():
                    if name.lower() not in {"connection", "content-length", "transfer-encoding"}:
                        self.send_header(name, value)
                self.send_header("content-length", str(len(answer["body"])))
                self.end_headers()
                self.wfile.write(answer["body"])

        return Handler

    def _forwarded(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Raw:
        connection = http.client.HTTPConnection(*self._server)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return {
                "status_code": answer.status,
                "headers": dict(answer.getheaders()),
                "body": answer.read(),
            }
        finally:
            connection.close()


@contextmanager
def proxy() -> Iterator[Proxy]:
    """Serve moto on loopback, behind a proxy."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    found = Proxy(server.get_host_and_port())
    try:
        yield found
    finally:
        found.close()
        server.stop()

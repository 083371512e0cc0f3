"""The gateway's HTTP server on loopback."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import errors
from http import HTTPStatus
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.facts.quotas import GATEWAY_BODY
from mldeploy.local.api.payload import Request, Response, message
from mldeploy.local.servers.guard import Rules, nobody
from mldeploy.local.servers.wire import LOOPBACK, Handler, Server, TooLongError

_TRIED = 100
"""Number of ports to try, from the requested one."""
_LINE = 65537
"""Maximum bytes of a request line, as in the library."""
_AUTHORITY = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_REFUSED = {413: "Request Entity Too Large", 431: "Request Header Fields Too Large"}
"""Python's messages differ between versions."""

_OF_BODY = (
    errors.InvalidMultipartContentTransferEncodingDefect,
    errors.MultipartInvariantViolationDefect,
    errors.NoBoundaryInMultipartDefect,
    errors.StartBoundaryNotFoundDefect,
)
"""Defects that the email parser reports for every multipart head, because it gets only the head."""

Answer = Callable[[Request], Response]


@contextmanager
def listening(answer: Answer, port: int, rules: Rules = nobody) -> Iterator[int]:
    """Serve requests on a port, or the next free one; yield the port.

    Requests for other hosts are refused, and those of web pages that the rules don't allow.

    Raises:
        MldeployError: MLD601 if none is free.
    """

    class ForThis(_Client):
        respond = staticmethod(answer)
        admitted = staticmethod(rules)

    server = _bound(ForThis, port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _bound(handler: type[Handler], port: int) -> Server:
    last = min(port + _TRIED, 65536)
    for one in range(port, last):
        try:
            return Server((LOOPBACK, one), handler)
        except OSError:
            continue
    raise MldeployError(
        "MLD601",
        f"can't listen on any port from {port} to {last - 1}",
        "name another with --port; 0 takes any that is free",
    )


class _Client(Handler):
    respond: Answer
    admitted: Rules
    # The library would respond to invalid requests in HTTP/0.9, without a status.
    default_request_version = "HTTP/1.0"
    raw_requestline: bytes

    def parse_request(self) -> bool:
        """Parse a request's head; return False if it was refused."""
        if not self.raw_requestline.strip():  # one empty line is skipped (RFC 9112, 2.2)
            self.raw_requestline = self.rfile.readline(_LINE)
        if not super().parse_request():
            return False
        if self._malformed():
            self.send_error(400)
            return False
        refused = self.refusal(type(self).admitted)
        if refused is not None:
            self.close_connection = True
            self._write(message(403, str(refused)))
            return False
        return True

    def handle_expect_100(self) -> bool:
        """Request the body from the client, unless it would be rejected."""
        with suppress(TooLongError, ValueError):
            self.body_length(GATEWAY_BODY)
            super().handle_expect_100()
            self.wfile.flush()  # or it would be buffered until the response
        return True

    def send_error(self, code: int, *_: Any, **__: Any) -> None:
        """Send the gateway's error, and close the connection."""
        self.close_connection = True
        self._write(message(code, _REFUSED.get(code) or HTTPStatus(code).phrase))

    def answer(self) -> None:
        try:
            body = self.read_body(GATEWAY_BODY)
        except TooLongError:
            self.send_error(413)
            return
        except ValueError:
            self.send_error(400)
            return
        request = Request(
            self.command,
            self._target(),
            tuple(self.headers.items()),
            body,
            self.client_address[0],
            self.connection.getsockname()[1],
            self.request_version,
        )
        self._write(type(self).respond(request))

    def _malformed(self) -> bool:
        """Return whether a head isn't valid HTTP or is ambiguous (RFC 9112, 3.2 and 5)."""
        hosts = len(self.headers.get_all("host", []))
        return (
            not all(isinstance(one, _OF_BODY) for one in self.headers.defects)
            or any(map(_CONTROL.search, self.headers.values()))
            or hosts > 1
            or (hosts == 0 and self.request_version == "HTTP/1.1")
            or not self._target().startswith("/")
        )

    def _target(self) -> str:
        """Return path and query as sent, because the library's `path` drops slashes.

        For the absolute form, which clients send to proxies, it is what follows the authority.
        """
        sent = self.requestline.split()[1]
        found = _AUTHORITY.match(sent)
        if found is None:
            return sent
        rest = sent[found.end() :]
        return rest if rest.startswith("/") else f"/{rest}"

    def _write(self, response: Response) -> None:
        headers = (("date", self.date_time_string()), *response.headers)
        self.write(response.status, headers, response.body)

"""The gateway's HTTP server on loopback."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from mldeploy.errors import MldeployError
from mldeploy.local.gateway import MOST_BODY
from mldeploy.local.payload import Request, Response, message
from mldeploy.local.wire import LOOPBACK, Handler, Server, TooLongError

_TRIED = 100
"""Ports that are tried, from the one that was asked for."""

Answer = Callable[[Request], Response]


@contextmanager
def listening(answer: Answer, port: int) -> Iterator[int]:
    """Answer requests on a port, or the next one that is free; yields which.

    Raises:
        MldeployError: MLD601 where none is.
    """

    class ForThis(_Client):
        respond = staticmethod(answer)

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
        f"no port from {port} to {last - 1} can be listened on",
        "name another with --port; 0 takes any that is free",
    )


class _Client(Handler):
    respond: Answer

    def answer(self) -> None:
        try:
            body = self.read_body(MOST_BODY)
        except TooLongError:
            self.close_connection = True
            self._write(message(413, "Request Entity Too Large"))
            return
        except ValueError:
            self.close_connection = True
            self._write(message(400, "Bad Request"))
            return
        request = Request(
            self.command,
            self.path,
            tuple(self.headers.items()),
            body,
            self.client_address[0],
            self.connection.getsockname()[1],
        )
        self._write(type(self).respond(request))

    def _write(self, response: Response) -> None:
        self.write(response.status, response.headers, response.body)

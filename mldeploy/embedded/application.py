"""The server's WSGI application, which passes requests to our own parts or to moto."""

import base64
import re
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from mldeploy.embedded.calls import Call, Reply, Wsgi
from mldeploy.embedded.functions import Functions, Ran
from mldeploy.embedded.gaps import Gaps
from mldeploy.embedded.images import blob
from mldeploy.embedded.place import OWN
from mldeploy.local.environments.runs import Outcome, failure

_INVOKE = re.compile(r"/2015-03-31/functions/(.+)/invocations")
_TAIL = 4096
"""Bytes of the log that Invoke returns (Lambda API reference, LogType)."""


class Application:
    """Implements AWS's API.

    Args:
        moto: its WSGI application.
        functions: for Invoke.
        gaps: handles the calls that moto lacks.
        folder: the cloud's files.
        changed: called after each call that may have changed something.
    """

    def __init__(
        self,
        moto: Wsgi,
        functions: Functions,
        gaps: Gaps,
        folder: Path,
        changed: Callable[[], None],
    ) -> None:
        self._moto, self._functions, self._folder = moto, functions, folder
        self._changed = changed
        self._gaps = gaps
        # moto uses plain dicts, and a deployment reads from several threads.
        self._lock = threading.RLock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Handle a request."""
        call = Call.of(environ)
        if call.path.startswith(OWN):
            return self._own(call.path.removeprefix(OWN)).send(start_response)
        if call.method == "POST" and (found := _INVOKE.fullmatch(call.path)):
            ran = self._functions.call(call.region, found[1], call.query, call.body())
            tail = environ.get("HTTP_X_AMZ_LOG_TYPE") == "Tail"
            return _invoked(ran, tail=tail).send(start_response)
        with self._lock:
            reply = self._gaps.answer(call)
            if reply is not None:
                answer = reply.send(start_response)
            else:
                answer = list(self._moto(environ, start_response))
        # Functions and APIs are changed by their paths; other services have a target header.
        if call.method != "GET" and not call.target:
            self._changed()
        return answer

    def _own(self, path: str) -> Reply:
        """Handle the paths that aren't AWS's: the health check, and images' configurations."""
        if path == "health":
            return Reply(200)
        kind, _, digest = path.partition("/")
        if kind == "blobs":
            with suppress(FileNotFoundError):
                return Reply(200, blob(self._folder, digest).read_bytes())
        return Reply(404)


def _failure(outcome: Outcome) -> bytes:
    """Return the payload of a function error, even if Lambda has none."""
    unknown = "the Docker engine doesn't answer" if outcome.problem == "engine" else outcome.problem
    return outcome.error or failure("Sandbox.Failed", unknown)


def _invoked(ran: Ran, *, tail: bool) -> Reply:
    """Return Invoke's response.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    if ran.refusal:
        status, error, text = ran.refusal
        return Reply.told(status, {"Message": text, "Type": "User"}, error)
    headers = [("X-Amz-Executed-Version", ran.version)]
    if ran.outcome.problem:
        headers.append(("X-Amz-Function-Error", "Unhandled"))
    if tail:
        log = "\n".join(ran.outcome.log).encode()[-_TAIL:]
        headers.append(("X-Amz-Log-Result", base64.b64encode(log).decode()))
    payload = _failure(ran.outcome) if ran.outcome.problem else ran.outcome.answer or b"null"
    return Reply(200, payload, headers=tuple(headers))

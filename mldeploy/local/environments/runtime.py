"""Lambda's Runtime API of an environment, from which a runtime client gets its invocations.

Source: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import hmac
import json
import re
import secrets
import threading
import time
import uuid
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from mldeploy.facts.quotas import PAYLOAD_BYTES
from mldeploy.local.environments.runs import failure
from mldeploy.local.servers.guard import Refusal
from mldeploy.local.servers.limits import Room
from mldeploy.local.servers.wire import LOOPBACK, Handler, Server, TooLongError

_API = "/2018-06-01/runtime"
_OF_INVOCATION = re.compile(rf"{_API}/invocation/(?P<id>[^/]+)/(?P<what>response|error)")
TOO_LARGE = "Function.ResponseSizeTooLarge"
_MOST = 8
"""Connections; the client has one or two."""
_TOO_LARGE = f"Response payload size exceeded maximum allowed payload size ({PAYLOAD_BYTES} bytes)."


@dataclass
class Invocation:
    """An event in progress.

    Attributes:
        event: JSON.
        seconds: the function's timeout.
        patience: the caller's timeout in seconds, at most the function's.
        answer: JSON, once there is one.
        error: the client's report of a failure: JSON, with an errorType.
    """

    event: bytes
    seconds: float
    patience: float
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    answer: bytes | None = None
    error: bytes = b""

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self.answer is not None or bool(self.error)

    def headers(self, arn: str) -> list[tuple[str, str]]:
        """Return the headers for the runtime client."""
        now = time.time()
        trace = f"Root=1-{int(now):08x}-{secrets.token_hex(12)};Sampled=0"
        return [
            ("Content-Type", "application/json"),
            ("Lambda-Runtime-Aws-Request-Id", self.request_id),
            ("Lambda-Runtime-Deadline-Ms", str(int((now + self.seconds) * 1000))),
            ("Lambda-Runtime-Invoked-Function-Arn", arn),
            ("Lambda-Runtime-Trace-Id", trace),
        ]


class RuntimeApi:
    """The Runtime API of an environment, on its own port, below a secret path.

    Attributes:
        address: for AWS_LAMBDA_RUNTIME_API: host, port and the secret path.
        changed: notified whenever one of the others changes.
        ready: whether the client has requested its first invocation.
        idle: whether it is waiting for one.
        failed: the client's report of a failed start.
        gone: whether the process has ended; set from outside.
    """

    def __init__(self, arn: str) -> None:
        self.changed = threading.Condition()
        self.ready = self.idle = self.gone = False
        self.failed: dict[str, Any] | None = None
        self.arn = arn
        self._waiting: SimpleQueue[Invocation | None] = SimpleQueue()
        self.current: Invocation | None = None

        self.secret = secrets.token_hex(16)

        class ForThis(_Client):
            api = self

        self._server = _Server((LOOPBACK, 0), ForThis)
        self.address = f"{LOOPBACK}:{self._server.port}/{self.secret}"
        # A short interval, because ending an environment waits for it.
        serving = {"poll_interval": 0.02}
        threading.Thread(target=self._server.serve_forever, kwargs=serving, daemon=True).start()

    def put(self, invocation: Invocation) -> None:
        """Pass the next invocation to the client."""
        self.idle = False
        self._waiting.put(invocation)

    def next(self) -> Invocation | None:
        """Wait for the next invocation; None at the end."""
        self.tell(ready=True, idle=True)
        self.current = self._waiting.get()
        return self.current

    def tell(self, **facts: Any) -> None:
        """Set attributes and notify waiting threads."""
        with self.changed:
            for name, value in facts.items():
                setattr(self, name, value)
            self.changed.notify_all()

    def finish(self, request_id: str, answer: bytes | None, error: bytes) -> bool:
        """End an invocation; return False if it isn't the current one."""
        with self.changed:
            found = self.current
            if found is None or found.request_id != request_id or found.done:
                return False
            found.answer, found.error = answer, error
            self.changed.notify_all()
            return True

    def close(self) -> None:
        """Stop listening."""
        self._waiting.put(None)
        self._server.shutdown()
        self._server.server_close()


class _Server(Server):
    def __init__(self, *arguments: Any) -> None:
        # Its own limit, so that connections here don't use up the gateway's.
        self.room = Room(_MOST)
        super().__init__(*arguments)


class _Client(Handler):
    api: RuntimeApi

    def answer(self) -> None:
        """Respond to the environment's own process; drop other requests unread."""
        _, secret, path = (*self.path.split("/", 2), "", "")[:3]
        refused = self.refusal()
        if refused is None and not hmac.compare_digest(secret.encode(), self.api.secret.encode()):
            refused = Refusal("MLD615", "this is the Runtime API of another process")
        if refused is not None:
            self.close_connection = True
            self._say(403, {"errorMessage": str(refused), "errorType": "Forbidden"})
            return
        # A function may be called rarely and run long, so its connection is kept.
        self.wire.idle = None
        self._answer(f"/{path}")

    def _answer(self, path: str) -> None:
        found = _OF_INVOCATION.fullmatch(path)
        if self.command == "GET" and path == f"{_API}/invocation/next":
            self._next()
        elif self.command == "POST" and path == f"{_API}/init/error":
            self.api.tell(failed=parsed(self.read_body(PAYLOAD_BYTES)))
            self._say(202, {"status": "OK"})
        elif self.command == "POST" and found:
            self._finish(found["id"], found["what"])
        else:
            self._say(404, {"errorMessage": "Not Found", "errorType": "NotFound"})

    def _next(self) -> None:
        invocation = self.api.next()
        if invocation is None:
            self.close_connection = True
            return
        self.write(200, invocation.headers(self.api.arn), invocation.event)

    def _finish(self, request_id: str, what: str) -> None:
        try:
            body = self.read_body(PAYLOAD_BYTES)
        except TooLongError:
            self.close_connection = True
            self.api.finish(request_id, None, failure(TOO_LARGE, _TOO_LARGE))
            told = {"errorMessage": "Exceeded maximum allowed payload size (6291556 bytes).",
                    "errorType": "RequestEntityTooLarge"}  # fmt: skip
            self._say(413, told)
            return
        failed = what == "error"
        error = (body or failure("Error", "")) if failed else b""
        if self.api.finish(request_id, None if failed else body, error):
            self._say(202, {"status": "OK"})
        else:
            self._say(400, {"errorMessage": "Invalid request ID", "errorType": "InvalidRequestID"})

    def _say(self, status: int, content: dict[str, str]) -> None:
        headers = [("Content-Type", "application/json")]
        self.write(status, headers, json.dumps(content).encode())


def parsed(body: bytes) -> dict[str, Any]:
    """Return a JSON object, or an empty one if the body isn't one."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

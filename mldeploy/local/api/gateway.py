"""An HTTP API's behavior: routes, CORS, throttling, limits, and functions' responses."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mldeploy.config import ApiConfig
from mldeploy.facts.quotas import GATEWAY_BODY, GATEWAY_HEAD, GATEWAY_SECONDS, PAYLOAD_BYTES
from mldeploy.local.api.cors import marked, preflight
from mldeploy.local.api.payload import Request, Response, event_of, message, response_of
from mldeploy.local.api.routes import select
from mldeploy.local.environments.runs import Outcome

Invoke = Callable[[str, bytes, float], Outcome]
"""Takes a function's name, an event as JSON, and the gateway's timeout in seconds."""


class Throttle:
    """A token bucket: `burst` requests at once, `rate` requests per second."""

    def __init__(self, rate: float, burst: int, clock: Callable[[], float]) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._lock = threading.Lock()
        self._tokens, self._last = float(burst), clock()

    def admits(self) -> bool:
        """Take a token; return whether there was one."""
        with self._lock:
            now = self._clock()
            self._tokens = min(self._burst, self._tokens + (now - self._last) * self._rate)
            self._last = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


@dataclass(frozen=True)
class Gateway:
    """The HTTP API of a project.

    Attributes:
        api: its settings.
        routes: functions by route key.
        invoke: calls a function.
        patience: timeout of a function in seconds.
        clock: of the throttle, in seconds.
    """

    api: ApiConfig
    routes: Mapping[str, str]
    invoke: Invoke
    patience: float = GATEWAY_SECONDS
    clock: Callable[[], float] = time.monotonic
    throttle: Throttle = field(init=False)

    def __post_init__(self) -> None:
        throttle = Throttle(self.api.rate, self.api.burst, self.clock)
        object.__setattr__(self, "throttle", throttle)

    def answer(self, request: Request) -> Response:
        """Return API Gateway's response to a request."""
        found = preflight(self.api.cors, request)
        if found is None:
            found = marked(self.api.cors, request, self._answer(request))
        named = (*found.headers, ("apigw-requestid", request.request_id))
        return Response(found.status, named, found.body)

    def _answer(self, request: Request) -> Response:
        if request.head_size > GATEWAY_HEAD:
            return message(431, "Request Header Fields Too Large")
        match = select(self.routes, request.method, request.path)
        if match is None:
            return message(404, "Not Found")
        if not self.throttle.admits():
            return message(429, "Too Many Requests")
        event = json.dumps(event_of(request, match)).encode()
        if len(request.body) > GATEWAY_BODY or len(event) > PAYLOAD_BYTES:
            return message(413, "Request Entity Too Large")
        return _response(self.invoke(self.routes[match.route], event, self.patience))


def _response(outcome: Outcome) -> Response:
    """Return the response for an outcome.

    Source:
        https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html
    """
    match outcome.problem:
        case "":
            found = response_of(outcome.answer or b"null")
            return found or message(500, "Internal Server Error")
        case "busy":
            return message(429, "Too Many Requests")
        case "late":
            return message(503, "Service Unavailable")
        case _:
            return message(500, "Internal Server Error")

"""The gateway in front of the function: mldeploy's own, the one of `mldeploy serve`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mldeploy.config import ApiConfig
from mldeploy.local.api import payload
from mldeploy.local.api.gateway import Gateway
from mldeploy.local.api.routes import Match
from mldeploy.local.api.server import listening
from mldeploy.local.environments.runs import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tools.fuzz.bodies import Sent

_UNLIMITED = ApiConfig("none", rate=1e9, burst=1_000_000_000)


def event_of(sent: Sent) -> dict[str, Any]:
    """Return the event of an HTTP API, payload 2.0."""
    method, _, path = sent.route.partition(" ")
    target = f"{path}?{sent.query}" if sent.query else path
    request = payload.Request(method, target, tuple(sent.headers.items()), sent.body)
    return payload.event_of(request, Match(sent.route))


def event_of_rest(sent: Sent) -> dict[str, Any]:
    """Return the event of a REST API, payload 1.0, whose headers' names are as they were sent."""
    event = event_of(sent)
    method, _, path = sent.route.partition(" ")
    headers = {name.title(): value for name, value in sent.headers.items()}
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": headers or None,
        "multiValueHeaders": {name: [value] for name, value in headers.items()} or None,
        "queryStringParameters": event.get("queryStringParameters"),
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"resourcePath": path, "httpMethod": method, "stage": "prod"},
        "body": event.get("body"),
        "isBase64Encoded": event["isBase64Encoded"],
    }


@contextmanager
def serving(invoke: Callable[[bytes], bytes], routes: tuple[str, ...]) -> Iterator[str]:
    """Serve a function's routes on loopback; yield the URL.

    Args:
        invoke: receives an event as JSON and returns the function's result.
        routes: of the function; all others return 404.
    """

    def answered(_name: str, event: bytes, _seconds: float) -> Outcome:
        return Outcome(invoke(event))

    gateway = Gateway(_UNLIMITED, dict.fromkeys(routes, "endpoint"), answered)
    with listening(gateway.answer, 0) as port:
        yield f"http://127.0.0.1:{port}"

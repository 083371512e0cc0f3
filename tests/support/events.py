"""Events of an HTTP API, and what a handler answers to them."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

CONTEXT = SimpleNamespace(aws_request_id="request-1")


def http(body: Any, **more: Any) -> dict[str, Any]:
    """Return an event of an HTTP API, payload 2.0; `more` comes in place of its own members."""
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    context = {"http": {"method": "POST", "path": "/predict"}, "routeKey": "POST /predict"}
    return {
        "version": "2.0",
        "routeKey": "POST /predict",
        "rawPath": "/predict",
        "headers": {"content-type": "application/json"},
        "requestContext": context,
        "body": text,
        "isBase64Encoded": False,
        **more,
    }


def answered(handler: Callable[[Any, Any], Any], event: Any) -> tuple[int, Any]:
    """Return status and body of what API Gateway would send.

    A problem with `error` is of a protocol whose clients read it from `application/json`.
    """
    found = handler(event, CONTEXT)
    status, body = found["statusCode"], json.loads(found["body"])
    plain = status == 200 or "error" in body
    kind = "application/json" if plain else "application/problem+json"
    assert found["headers"]["content-type"] == kind
    return status, body


def routed(route: str, body: Any = None, **more: Any) -> dict[str, Any]:
    """Return an event of another route, such as "GET /v2"."""
    method, _, path = route.partition(" ")
    context = {"http": {"method": method, "path": path}, "routeKey": route}
    return http(body, routeKey=route, rawPath=path, requestContext=context, **more)

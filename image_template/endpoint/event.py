"""Lambda events: what came in over HTTP, what came directly, and how each is answered."""

import base64
import binascii
import json
from typing import Any

from endpoint.problem import ProblemError

MOST_BYTES = 1_000_000
"""Of a request's body. Lambda takes 6 MB; no row of a table needs that."""
MOST_ANSWER_BYTES = 5_500_000
"""Of an answer. Lambda gives up at 6 MB (quotas of the developer guide), envelope included."""

Event = dict[str, Any]


def is_http(event: Any) -> bool:
    """Tell an API Gateway event (payload 1.0 or 2.0) from a direct invoke."""
    return isinstance(event, dict) and (
        "requestContext" in event or "httpMethod" in event or "rawPath" in event
    )


def route_of(event: Event) -> str:
    """Return the configured route; never the path as sent, which may hold anything."""
    context = event.get("requestContext") or {}
    method = event.get("httpMethod", "")
    return str(event.get("routeKey") or context.get("routeKey") or f"{method} {_resource(event)}")


def _resource(event: Event) -> str:
    return str(event.get("resource", ""))


def body_of(event: Event) -> tuple[bytes, str]:
    """Return the body of an API Gateway event, and its content type ("" where none was sent).

    Raises:
        ProblemError: 400 for a body that isn't there or isn't base64, 413 for one that is too long.
    """
    body = event.get("body")
    if body is None or body == "":
        raise ProblemError(400, "the request has no body")
    raw = _decoded(body) if event.get("isBase64Encoded") else str(body).encode("utf-8", "replace")
    if len(raw) > MOST_BYTES:
        raise ProblemError(413, f"the body has {len(raw)} bytes; at most {MOST_BYTES} are taken")
    return raw, _header(event, "content-type")


def _header(event: Event, name: str) -> str:
    """Return a header; payload 2.0 has their names in small letters, 1.0 as they were sent."""
    headers = event.get("headers") or {}
    return next((str(value) for key, value in headers.items() if str(key).lower() == name), "")


def _decoded(body: Any) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise ProblemError(400, "the body isn't valid base64") from error


def http_answer(status: int, body: dict[str, Any]) -> dict[str, Any]:
    """Return what API Gateway turns into a response."""
    kind = "application/json" if status < 400 else "application/problem+json"  # noqa: PLR2004 - HTTP
    return {
        "statusCode": status,
        "headers": {"content-type": kind},
        "body": json.dumps(body, allow_nan=False),
        "isBase64Encoded": False,
    }


def require_fitting(body: dict[str, Any], rows: int) -> None:
    """Refuse an answer that Lambda wouldn't carry.

    Raises:
        ProblemError: 413.
    """
    if rows == 1:
        return
    text = json.dumps(body, allow_nan=False)
    # The body is a string inside the envelope's JSON, where each quote is escaped.
    size = len(text) + text.count('"') + text.count("\\")
    if size > MOST_ANSWER_BYTES:
        fits = max(1, rows * MOST_ANSWER_BYTES // size)
        raise ProblemError(
            413, f"the answer would have {size} bytes; about {fits} rows fit in one request"
        )

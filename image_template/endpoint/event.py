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


def payload_of(event: Event) -> Any:
    """Return the parsed body of an API Gateway event.

    Raises:
        ProblemError: 400 for a body that isn't there or isn't JSON, 413 for one that is too long.
    """
    body = event.get("body")
    if body is None or body == "":
        raise ProblemError(400, "the request has no body")
    raw = _decoded(body) if event.get("isBase64Encoded") else str(body).encode("utf-8", "replace")
    if len(raw) > MOST_BYTES:
        raise ProblemError(413, f"the body has {len(raw)} bytes; at most {MOST_BYTES} are taken")
    return parse(raw)


def _decoded(body: Any) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise ProblemError(400, "the body isn't valid base64") from error


def parse(raw: bytes) -> Any:
    """Parse JSON strictly: UTF-8, no NaN, no key twice.

    Raises:
        ProblemError: 400.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProblemError(400, "the body isn't UTF-8") from error
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ProblemError(400, f"the body isn't JSON: {error.msg} ({where})") from error
    except RecursionError as error:
        raise ProblemError(400, "the body is nested too deeply") from error
    except ValueError as error:
        # Python refuses integers of more than 4,300 digits.
        raise ProblemError(400, "the body holds a number that is too long") from error


def _no_constant(name: str) -> Any:
    raise ProblemError(400, f"the body isn't JSON: {name} is no JSON value")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ProblemError(400, "the body has the same key twice")
    return found


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

"""Lambda events: direct invokes, and HTTP requests that API Gateway sends."""

import base64
import binascii
import os
import re
from typing import Any

from endpoint.problem import ProblemError

MOST_BYTES = 1_000_000
"""The default limit of a request's body. Lambda allows 6 MB; no row of a table needs that."""

Event = dict[str, Any]

ROUTES = tuple(route for route in os.environ.get("MLDEPLOY_ROUTES", "").split("|") if route)
"""The routes that API Gateway sends to this function, the route of predictions first.

It is empty if there is only that route. An event whose route isn't listed asks for predictions.
"""

_ROUTE = re.compile(r"\$[a-z]+|(?:ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /[!-~]{0,255}")


def is_http(event: Any) -> bool:
    """Return whether an event is from API Gateway (payload 1.0 or 2.0), not a direct invoke."""
    return isinstance(event, dict) and (
        "requestContext" in event or "httpMethod" in event or "rawPath" in event
    )


def route_of(event: Event) -> str:
    """Return the configured route, never the path of the request, which may contain anything.

    Text that doesn't look like a route becomes "unknown": the route is logged and decides what
    handles the event, and an event that isn't from API Gateway may contain anything.
    """
    context = event.get("requestContext")
    inner = context.get("routeKey") if isinstance(context, dict) else None
    route = event.get("routeKey") or inner or f"{event.get('httpMethod')} {event.get('resource')}"
    return route if isinstance(route, str) and _ROUTE.fullmatch(route) else "unknown"


def body_of(event: Event, most_bytes: int = MOST_BYTES) -> tuple[bytes, str]:
    """Return the body of an API Gateway event and its content type ("" without the header).

    Raises:
        ProblemError: 400 if the body is missing, isn't text, isn't base64 or isn't compressed as
            the header says; 413 if it is too large, before it is decoded; 415 for an unknown
            compression.
    """
    coding = header_of(event, "content-encoding")
    body, encoded = event.get("body"), event.get("isBase64Encoded") or False
    if body is None or body == "":
        raise ProblemError(400, "the request has no body")
    if not isinstance(body, str) or not isinstance(encoded, bool):
        raise ProblemError(400, "invalid API Gateway event: the body must be a string")
    _require_short(len(body) * 3 // 4 - 2 if encoded else len(body), most_bytes)
    raw = _decoded(body) if encoded else _utf8(body)
    _require_short(len(raw), most_bytes)
    if coding:
        from endpoint.compressed import inflated

        raw = inflated(raw, coding, most_bytes)
    return raw, header_of(event, "content-type")


def _require_short(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise ProblemError(413, f"the body has {size} bytes; at most {most_bytes} are allowed")


def header_of(event: Event, name: str) -> str:
    """Return the value of a header, or "" if it is missing.

    API Gateway sends header names in lower case in payload 2.0, and unchanged in payload 1.0.
    """
    headers = event.get("headers")
    if not isinstance(headers, dict):
        return ""
    if isinstance(headers.get(name), str):
        return str(headers[name])
    found = (value for key, value in headers.items() if str(key).lower() == name)
    return next((value for value in found if isinstance(value, str)), "")


def _utf8(body: str) -> bytes:
    try:
        return body.encode()
    except UnicodeEncodeError as error:  # half of a surrogate pair
        raise ProblemError(400, "the body isn't UTF-8") from error


def _decoded(body: str) -> bytes:
    """Decode padded base64 of the standard alphabet, without line breaks.

    Python ignores unused bits ("QR==" decodes as "QQ=="): any text but the canonical encoding of
    the bytes is refused.
    """
    try:
        raw = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProblemError(400, "the body isn't base64") from error
    if base64.b64encode(raw) != body.encode():
        raise ProblemError(400, "the body isn't base64")
    return raw

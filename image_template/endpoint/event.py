"""Lambda events: what came in over HTTP, what came directly, and how each is answered."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from endpoint.problem import ProblemError

MOST_BYTES = 1_000_000
"""Of a request's body. Lambda takes 6 MB; no row of a table needs that."""
MOST_ANSWER_BYTES = 5_500_000
"""Of an answer. Lambda gives up at 6 MB (quotas of the developer guide), envelope included."""

Event = dict[str, Any]
_ENCODE = json.JSONEncoder(allow_nan=False).encode

_ROUTE = re.compile(r"\$[a-z]+|(?:ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) /[!-~]{0,255}")


def is_http(event: Any) -> bool:
    """Tell an API Gateway event (payload 1.0 or 2.0) from a direct invoke."""
    return isinstance(event, dict) and (
        "requestContext" in event or "httpMethod" in event or "rawPath" in event
    )


def route_of(event: Event) -> str:
    """Return the configured route; never the path as sent, which may hold anything.

    What doesn't look like a route is "unknown": the log and the choice of what answers stand on
    it, and an event that didn't come from API Gateway may hold anything here too.
    """
    context = event.get("requestContext")
    inner = context.get("routeKey") if isinstance(context, dict) else None
    route = event.get("routeKey") or inner or f"{event.get('httpMethod')} {event.get('resource')}"
    return route if isinstance(route, str) and _ROUTE.fullmatch(route) else "unknown"


def body_of(event: Event, most_bytes: int = MOST_BYTES) -> tuple[bytes, str]:
    """Return the body of an API Gateway event, and its content type ("" where none was sent).

    Raises:
        ProblemError: 400 for a body that isn't there, isn't text or isn't base64, 413 for one
            that is too long, which isn't decoded, 415 for one that is compressed.
    """
    if coding := header_of(event, "content-encoding"):
        _require_plain(coding)
    body, encoded = event.get("body"), event.get("isBase64Encoded") or False
    if body is None or body == "":
        raise ProblemError(400, "the request has no body")
    if not isinstance(body, str) or not isinstance(encoded, bool):
        raise ProblemError(400, "the event isn't one of API Gateway: its body must be text")
    _require_short(len(body) * 3 // 4 - 2 if encoded else len(body), most_bytes)
    raw = _decoded(body) if encoded else _utf8(body)
    _require_short(len(raw), most_bytes)
    return raw, header_of(event, "content-type")


def _require_plain(coding: str) -> None:
    if coding.strip().lower() != "identity":
        # Any other word of a client's is not repeated.
        named = next((one for one in _CODINGS if one in coding.lower()), "")
        what = f"the content-encoding {named} isn't" if named else "this content-encoding isn't"
        raise ProblemError(415, f"{what} supported; send the body uncompressed, without the header")


_CODINGS = ("gzip", "deflate", "br", "zstd", "compress")


def _require_short(size: int, most_bytes: int) -> None:
    if size > most_bytes:
        raise ProblemError(413, f"the body has {size} bytes; at most {most_bytes} are taken")


def header_of(event: Event, name: str) -> str:
    """Return a header, or "" without it.

    Payload 2.0 has their names in small letters, 1.0 as they were sent.
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
    """Decode base64 of the standard alphabet, padded, with nothing else between.

    Python overlooks what it doesn't need ("QR==" is "QQ==" to it): whatever isn't the one way to
    write these bytes is refused.
    """
    try:
        raw = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProblemError(400, "the body isn't valid base64") from error
    if base64.b64encode(raw) != body.encode():
        raise ProblemError(400, "the body isn't valid base64")
    return raw


@dataclass(frozen=True)
class Reply:
    """What is sent back.

    Attributes:
        status: the HTTP status.
        body: the text.
        content_type: of the body.
        rows: how many were predicted, for the log.
        headers: further ones, in small letters.
    """

    status: int
    body: str
    content_type: str = "application/json"
    rows: int = 0
    headers: tuple[tuple[str, str], ...] = ()

    def envelope(self) -> dict[str, Any]:
        """Return what API Gateway turns into a response."""
        headers = {"content-type": self.content_type, **dict(self.headers)}
        # Whatever an answer holds, no browser takes it for anything else.
        headers["x-content-type-options"] = "nosniff"
        return {
            "statusCode": self.status,
            "headers": headers,
            "body": self.body,
            "isBase64Encoded": False,
        }


def json_reply(body: dict[str, Any], *, rows: int = 0) -> Reply:
    """Return a reply of status 200.

    Raises:
        ProblemError: 413 for an answer that Lambda wouldn't carry.
    """
    text = _ENCODE(body)
    # The body is a string inside the envelope's JSON, where each quote is escaped. Twice its
    # length is the most that can come to.
    size = len(text)
    if 2 * size > MOST_ANSWER_BYTES:
        size += text.count('"') + text.count("\\")
        require_fitting(size, rows)
    return Reply(200, text, rows=rows)


def require_fitting(size: int, rows: int) -> None:
    """Refuse an answer of so many bytes, if Lambda wouldn't carry it.

    Raises:
        ProblemError: 413.
    """
    if size > MOST_ANSWER_BYTES:
        fits = max(1, rows * MOST_ANSWER_BYTES // size)
        raise ProblemError(
            413, f"the answer would have {size} bytes; about {fits} rows fit in one request"
        )


def problem_reply(body: dict[str, Any], *, v2: bool = False) -> Reply:
    """Return a problem document as a reply.

    Args:
        body: the document.
        v2: whether it is for a client of the Open Inference Protocol, which reads `error`.
    """
    told = {**body, "error": body["detail"]} if v2 else body
    return Reply(body["status"], json.dumps(told), "application/problem+json")

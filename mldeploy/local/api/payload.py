"""API Gateway's payload 2.0: events of HTTP requests, and HTTP responses of functions' results.

Source:
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
import binascii
import json
import re
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from mldeploy.local.api.routes import Match

ACCOUNT = "123456789012"
_API = "local"
_TLS = 443
_TEXTS = {"application/json", "application/javascript", "application/xml"}
"""In addition to text/*. Undocumented; measured on AWS in
https://github.com/ministackorg/ministack/pull/766 and https://github.com/floci-io/floci/issues/2172
"""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""Of a header (RFC 9110, 5.6.2)."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_STATUSES = range(200, 600)
"""Statuses of final responses, without 1xx."""
_FRAMING = {"connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"}
"""Headers of a connection, which the gateway sets."""


@dataclass(frozen=True)
class Request:
    """An HTTP request.

    Attributes:
        method: in upper case.
        target: path and query as sent.
        headers: (name, value) as sent, including repeated ones.
        body: its bytes.
        source: the client's address.
        port: that it was sent to.
        protocol: the version of HTTP.
        request_id: API Gateway's.
        moment: time of arrival, in seconds since 1970.
        chance: 24 random hexadecimal digits for the trace's id.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    source: str = "127.0.0.1"
    port: int = 80
    protocol: str = "HTTP/1.1"
    request_id: str = field(default_factory=lambda: secrets.token_urlsafe(11) + "=")
    moment: float = field(default_factory=time.time)
    chance: str = field(default_factory=lambda: secrets.token_hex(12))

    @property
    def path(self) -> str:
        """The decoded path, which API Gateway matches and passes on.

        Only an encoded percent sign isn't decoded, so that `a%252Fb` can't become a slash when
        decoded again. Sources: https://github.com/aws/aws-lambda-dotnet/pull/1901 (decoding);
        ministack 1.5.33 (the percent sign).
        """
        return unquote(self.target.partition("?")[0].replace("%25", "%2525")) or "/"

    @property
    def query(self) -> str:
        """The query as sent."""
        return self.target.partition("?")[2]

    @property
    def head_size(self) -> int:
        """The size of the request line and of the headers' values in bytes."""
        line = f"{self.method} {self.target} {self.protocol}"
        return len(line) + sum(len(value) for _, value in self.headers)

    def header(self, name: str) -> str:
        """Return a header by its lower-case name; repeated ones are joined by commas."""
        return ",".join(value for key, value in self.headers if key.lower() == name)


@dataclass(frozen=True)
class Response:
    """An HTTP response."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def message(status: int, text: str) -> Response:
    """Return a response of API Gateway itself."""
    body = json.dumps({"message": text}, separators=(",", ":")).encode()
    return Response(status, (("content-type", "application/json"),), body)


def event_of(request: Request, match: Match) -> dict[str, Any]:
    """Return the event for a request that matches a route."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": match.route,
        "rawPath": request.path,
        "rawQueryString": request.query,
    }
    cookies = [
        one.strip()
        for name, value in request.headers
        if name.lower() == "cookie"
        for one in value.split(";")
        if one.strip()
    ]
    if cookies:
        event["cookies"] = cookies
    event["headers"] = _headers(request)
    query = _joined(parse_qsl(request.query, keep_blank_values=True))
    if query:
        event["queryStringParameters"] = query
    event["requestContext"] = _context(request, match)
    if match.parameters:
        event["pathParameters"] = dict(match.parameters)
    if request.body:
        event["body"], event["isBase64Encoded"] = _body(request)
    else:
        event["isBase64Encoded"] = False
    return event


def _headers(request: Request) -> dict[str, str]:
    """Return the headers of the event, including those that API Gateway adds."""
    kept = [(name.lower(), value) for name, value in request.headers if name.lower() != "cookie"]
    found = _joined(one for one in kept if one[0] not in {"connection", "transfer-encoding"})
    before = found.get("x-forwarded-for")
    return dict(
        sorted(
            {
                "content-length": str(len(request.body)),
                **found,
                "x-amzn-trace-id": f"Root=1-{int(request.moment):08x}-{request.chance}",
                "x-forwarded-for": f"{before}, {request.source}" if before else request.source,
                "x-forwarded-port": str(request.port),
                "x-forwarded-proto": "https" if request.port == _TLS else "http",
            }.items()
        )
    )


def _joined(pairs: Any) -> dict[str, str]:
    """Join repeated values by commas."""
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _context(request: Request, match: Match) -> dict[str, Any]:
    host = request.header("host") or "localhost"
    return {
        "accountId": ACCOUNT,
        "apiId": _API,
        "domainName": host,
        "domainPrefix": host.partition(".")[0].partition(":")[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": request.protocol,
            "sourceIp": request.source,
            "userAgent": request.header("user-agent"),
        },
        "requestId": request.request_id,
        "routeKey": match.route,
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(request.moment)),
        "timeEpoch": int(request.moment * 1000),
    }


def _body(request: Request) -> tuple[str, bool]:
    """Return the body as text, or in base64 (True) if its type isn't text."""
    kind, _, parameters = request.header("content-type").lower().partition(";")
    known = kind.strip() in _TEXTS or kind.strip().startswith("text/")
    if known and _is_utf8(parameters) and not request.header("content-encoding"):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True


def _is_utf8(parameters: str) -> bool:
    named = re.search(r"charset\s*=\s*\"?([^\s;\"]*)", parameters)
    return named is None or named[1] in {"utf-8", "utf8"}


def response_of(answer: bytes) -> Response | None:
    """Return the response for a function's result, or None if API Gateway can't read it.

    A result without `statusCode` is the body of a 200: a string as it is, anything else as
    JSON, which isn't validated.
    Source of the last: https://github.com/aws/aws-lambda-dotnet/pull/1934
    """
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or "statusCode" not in found:
        body = found.encode("utf-8", "replace") if isinstance(found, str) else answer
        return Response(200, (("content-type", "application/json"),), body)
    status, headers = _status(found["statusCode"]), _told_headers(found)
    content = _bytes(found.get("body"), encoded=found.get("isBase64Encoded") is True)
    if status is None or headers is None or content is None:
        return None
    return Response(status, headers, content)


def _told_headers(found: dict[str, Any]) -> tuple[tuple[str, str], ...] | None:
    """Return a function's response headers, with one header per cookie."""
    headers, cookies = found.get("headers") or {}, found.get("cookies") or []
    if not isinstance(headers, dict) or not isinstance(cookies, list):
        return None
    if not all(map(_NAME.fullmatch, headers)):
        return None
    if any(isinstance(one, dict | list) for one in (*headers.values(), *cookies)):
        return None
    told = [("set-cookie", _text(one)) for one in cookies]
    told += [(name.lower(), _text(value)) for name, value in headers.items()]
    if "content-type" not in dict(told):
        told.append(("content-type", "text/plain;charset=UTF-8"))
    return tuple(one for one in told if one[0] not in _FRAMING)


def _status(value: Any) -> int | None:
    try:
        found = int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if found in _STATUSES and not isinstance(value, bool) else None


def _bytes(body: Any, *, encoded: bool) -> bytes | None:
    if body is None:
        return b""
    if not isinstance(body, str):
        return None
    if not encoded:
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        return None


def _text(value: Any) -> str:
    """Return a header's value on one line, as JSON unless it is a string."""
    text = value if isinstance(value, str) else json.dumps(value)
    return _CONTROL.sub(" ", text).encode("utf-8", "replace").decode()

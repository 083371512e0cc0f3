"""What an HTTP API does, row by row, each with the page or the measurement that says so."""

import json
from typing import Any

import pytest

from mldeploy.config import ApiConfig
from mldeploy.local.api.gateway import Gateway
from mldeploy.local.api.payload import Request, Response, event_of
from mldeploy.local.api.routes import Match
from mldeploy.local.environments.runs import Outcome

_GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
INTEGRATION = f"{_GUIDE}http-api-develop-integrations-lambda.html"
ROUTES = f"{_GUIDE}http-api-develop-routes.html"
QUOTAS = f"{_GUIDE}http-api-quotas.html"
TROUBLE = f"{_GUIDE}http-api-troubleshooting-lambda.html"
LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"
SCALING = "https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html"
# Measured on AWS by others, where the guide says nothing.
TYPES = "https://github.com/ministackorg/ministack/pull/766"
CHARSETS = "https://github.com/floci-io/floci/pull/2203"
ABSENCE = "https://github.com/ministackorg/ministack (1.5.33, services/apigateway.py)"
DECODED = "https://github.com/aws/aws-lambda-dotnet/pull/1901"
TEXTS = "https://github.com/aws/aws-lambda-dotnet/pull/1934"
DEFAULT_TYPE = "https://github.com/aws/aws-lambda-dotnet/pull/1903"
PARAMETERS = "https://github.com/awsdocs/amazon-api-gateway-developer-guide/pull/62"
RFC = "https://www.rfc-editor.org/rfc/rfc9110"

FULL = Request(
    "POST", "/a/7?x=1&x=2", (("Host", "h"), ("Cookie", "a=1"), ("Content-Type", "text/csv")), b"b"
)
BARE = Request("GET", "/a")
ALWAYS, PRESENT = "always", "where there is one"

FIELDS: tuple[tuple[str, type, str, str], ...] = (
    ("version", str, ALWAYS, INTEGRATION),
    ("routeKey", str, ALWAYS, INTEGRATION),
    ("rawPath", str, ALWAYS, INTEGRATION),
    ("rawQueryString", str, ALWAYS, INTEGRATION),
    ("cookies", list, PRESENT, INTEGRATION),
    ("headers", dict, ALWAYS, INTEGRATION),
    ("queryStringParameters", dict, PRESENT, ABSENCE),
    ("requestContext", dict, ALWAYS, INTEGRATION),
    ("requestContext.accountId", str, ALWAYS, INTEGRATION),
    ("requestContext.apiId", str, ALWAYS, INTEGRATION),
    ("requestContext.domainName", str, ALWAYS, INTEGRATION),
    ("requestContext.domainPrefix", str, ALWAYS, INTEGRATION),
    ("requestContext.http", dict, ALWAYS, INTEGRATION),
    ("requestContext.http.method", str, ALWAYS, INTEGRATION),
    ("requestContext.http.path", str, ALWAYS, INTEGRATION),
    ("requestContext.http.protocol", str, ALWAYS, INTEGRATION),
    ("requestContext.http.sourceIp", str, ALWAYS, INTEGRATION),
    ("requestContext.http.userAgent", str, ALWAYS, INTEGRATION),
    ("requestContext.requestId", str, ALWAYS, INTEGRATION),
    ("requestContext.routeKey", str, ALWAYS, INTEGRATION),
    ("requestContext.stage", str, ALWAYS, INTEGRATION),
    ("requestContext.time", str, ALWAYS, INTEGRATION),
    ("requestContext.timeEpoch", int, ALWAYS, INTEGRATION),
    ("body", str, PRESENT, ABSENCE),
    ("pathParameters", dict, PRESENT, PARAMETERS),
    ("isBase64Encoded", bool, ALWAYS, INTEGRATION),
)  # fmt: skip
"""Field, type, when, source. `stageVariables`, `authentication` and `authorizer` come only with
stage variables, client certificates and authorizers, which `serve` has none of."""


def found_in(event: dict[str, Any]) -> dict[str, type]:
    """Return the names of an event's fields with their types; those of free content are one."""
    found: dict[str, type] = {}
    for name, value in event.items():
        found[name] = type(value)
        if name in {"requestContext", "http"}:
            found |= {f"{name}.{inner}": kind for inner, kind in found_in(value).items()}
    return found


def test_a_full_event_has_the_documented_fields_and_no_other() -> None:
    """With the documented types."""
    event = event_of(FULL, Match("POST /a/{id}", (("id", "7"),)))
    assert found_in(event) == {name: kind for name, kind, _, _ in FIELDS}


def test_a_bare_event_leaves_out_what_there_is_none_of() -> None:
    """No field is null: strict readers refuse that."""
    expected = {name: kind for name, kind, when, _ in FIELDS if when == ALWAYS}
    assert found_in(event_of(BARE, Match("GET /a"))) == expected


PARTS: tuple[tuple[str, tuple[tuple[str, str], ...], str, Any, str], ...] = (
    ("/a?x=1&y=2&x=3", (), "queryStringParameters", {"x": "1,3", "y": "2"}, INTEGRATION),
    ("/a?x=1&y=2&x=3", (), "rawQueryString", "x=1&y=2&x=3", INTEGRATION),
    ("/a?k%20y=%26%C3%A4+b", (), "queryStringParameters", {"k y": "&ä b"}, DECODED),
    ("/a?k%20y=%26%C3%A4+b", (), "rawQueryString", "k%20y=%26%C3%A4+b", DECODED),
    ("/a?x&y=", (), "queryStringParameters", {"x": "", "y": ""}, ABSENCE),
    ("/a%20b%2Fc", (), "rawPath", "/a b/c", DECODED),
    ("/a%252Fb", (), "rawPath", "/a%252Fb", ABSENCE),
    ("/a/", (), "rawPath", "/a/", "https://github.com/floci-io/floci/issues/2136"),
    ("/a", (("X-Two", "a"), ("x-two", "b")), "headers.x-two", "a,b", INTEGRATION),
    ("/a", (("X-ONE", "A"),), "headers.x-one", "A", INTEGRATION),
    ("/a", (("Cookie", "a=1; b=2"), ("cookie", "c=3")), "cookies", ["a=1", "b=2", "c=3"],
     INTEGRATION),
    ("/a", (("X-Forwarded-For", "1.2.3.4"),), "headers.x-forwarded-for", "1.2.3.4, 127.0.0.1",
     "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html"),
)  # fmt: skip


@pytest.mark.parametrize(("target", "headers", "field", "value", "source"), PARTS)
def test_a_request_becomes_an_event(
    target: str, headers: tuple[tuple[str, str], ...], field: str, value: Any, source: str
) -> None:
    """Queries, paths, headers and cookies as the source of the row has them."""
    assert source
    found: Any = event_of(Request("GET", target, headers), Match("$default"))
    for name in field.split(".", 1):
        found = found[name]
    assert found == value


UPLOADS = "https://github.com/dherault/serverless-offline/pull/1776"
BODIES: tuple[tuple[str, bytes, bool, str], ...] = (
    ("application/json", b"{}", False, TYPES),
    ("application/json; charset=utf-8", b"{}", False, CHARSETS),
    ("text/plain;charset=UTF-8", "ä".encode(), False, CHARSETS),
    ("text/plain; charset=iso-8859-1", b"a", True, CHARSETS),
    ("text/csv", b"a,b", False, TYPES),
    ("application/xml", b"<a/>", False, TYPES),
    ("application/javascript", b"a", False, TYPES),
    ("application/problem+json", b"{}", True, TYPES),
    ("application/x-www-form-urlencoded", b"a=1", True, TYPES),
    ("multipart/form-data; boundary=b", b"--b--", True, UPLOADS),
    ("application/octet-stream", b"text", True, INTEGRATION),
    ("", b"text", True, TYPES),
    ("text/plain", b"\xff", True, INTEGRATION),
)


@pytest.mark.parametrize(("kind", "body", "encoded", "source"), BODIES)
def test_the_type_decides_whether_a_body_is_text(
    kind: str, body: bytes, source: str, *, encoded: bool
) -> None:
    """Text comes as it is, the rest in base64."""
    assert source
    headers = (("content-type", kind),) if kind else ()
    event = event_of(Request("POST", "/a", headers, body), Match("POST /a"))
    assert event["isBase64Encoded"] is encoded


ERROR = b'{"message":"Internal Server Error"}'
IN_JSON = (("content-type", "application/json"),)
IN_TEXT = (("content-type", "text/plain;charset=UTF-8"),)

ANSWERS: tuple[tuple[Any, int, tuple[tuple[str, str], ...], bytes, str], ...] = (
    ({"a": 1}, 200, IN_JSON, b'{"a": 1}', INTEGRATION),
    ([1], 200, IN_JSON, b"[1]", INTEGRATION),
    ("Hello", 200, IN_JSON, b"Hello", TEXTS),
    ({"statusCode": 204}, 204, IN_TEXT, b"", DEFAULT_TYPE),
    ({"statusCode": 201, "body": "a"}, 201, IN_TEXT, b"a", DEFAULT_TYPE),
    ({"statusCode": 200, "headers": {"X-A": "b, c"}}, 200, (("x-a", "b, c"), *IN_TEXT), b"",
     INTEGRATION),
    ({"statusCode": 200, "cookies": ["a=1", "b=2"]}, 200,
     (("set-cookie", "a=1"), ("set-cookie", "b=2"), *IN_TEXT), b"", INTEGRATION),
    ({"statusCode": 200, "cookies": ["a=1"], "headers": {"Set-Cookie": "b=2"}}, 200,
     (("set-cookie", "a=1"), ("set-cookie", "b=2"), *IN_TEXT), b"", ABSENCE),
    ({"statusCode": 200, "body": "AP8=", "isBase64Encoded": True}, 200, IN_TEXT, b"\x00\xff",
     INTEGRATION),
    ({"statusCode": 200, "body": "AP8=", "isBase64Encoded": False}, 200, IN_TEXT, b"AP8=",
     INTEGRATION),
    ({"statusCode": 200, "body": "%", "isBase64Encoded": True}, 500, IN_JSON, ERROR, TROUBLE),
    ({"statusCode": 200, "body": {}}, 500, IN_JSON, ERROR, TROUBLE),
    ({"statusCode": 0}, 500, IN_JSON, ERROR, TROUBLE),
    ({"statusCode": 101}, 500, IN_JSON, ERROR, f"{RFC}#section-15.2"),
    ({"statusCode": float("inf")}, 500, IN_JSON, ERROR, TROUBLE),
    ({"statusCode": 200, "headers": {"Transfer-Encoding": "chunked", "Content-Length": "9"}}, 200,
     IN_TEXT, b"", f"{_GUIDE}http-api-parameter-mapping.html"),
    ({"statusCode": 200, "headers": {"x": "a\ud800\x00b"}}, 200, (("x", "a? b"), *IN_TEXT), b"",
     f"{RFC}#section-5.5"),
)  # fmt: skip


def answered(outcome: Outcome, request: Request, **api: Any) -> Response:
    """Return what a gateway with two routes makes of a function's outcome."""
    settings = ApiConfig("none", **api)
    routes = {"POST /a": "one", "GET /b/{id}": "one"}
    gateway = Gateway(settings, routes, lambda *_: outcome, clock=lambda: 0.0)
    found = gateway.answer(request)
    *headers, (name, value) = found.headers
    assert (name, value) == ("apigw-requestid", request.request_id)
    return Response(found.status, tuple(headers), found.body)


@pytest.mark.parametrize(("answer", "status", "headers", "body", "source"), ANSWERS)
def test_an_answer_becomes_a_response(
    answer: Any, status: int, headers: tuple[tuple[str, str], ...], body: bytes, source: str
) -> None:
    """What is left out is inferred; what can't be read is an error."""
    assert source
    outcome = Outcome(json.dumps(answer).encode())
    assert answered(outcome, Request("POST", "/a")) == Response(status, headers, body)


def test_an_answer_that_is_no_json_is_the_body() -> None:
    """It isn't checked: https://github.com/aws/aws-lambda-dotnet/pull/1903."""
    for text in (b'{"a":', b"[" * 100_000):
        found = answered(Outcome(text), Request("POST", "/a"))
        assert found == Response(200, IN_JSON, text)


FINE = Outcome(b"{}")
OWN: tuple[tuple[Outcome, Request, int, str, str], ...] = (
    (FINE, Request("POST", "/none"), 404, "Not Found", ROUTES),
    (FINE, Request("GET", "/a"), 404, "Not Found", ROUTES),
    (FINE, Request("HEAD", "/a"), 404, "Not Found", ROUTES),
    (FINE, Request("OPTIONS", "/a"), 404, "Not Found", ROUTES),
    (FINE, Request("GET", "/b/"), 404, "Not Found", ROUTES),
    (FINE, Request("GET", "/b/1%2F2"), 404, "Not Found", DECODED),
    (FINE, Request("POST", "/a", (("a", "x" * 10_240),)), 431, "Request Header Fields Too Large",
     QUOTAS),
    (FINE, Request("POST", "/a", body=b"x" * 10_000_001), 413, "Request Entity Too Large", QUOTAS),
    (FINE, Request("POST", "/a", body=b"x" * 4_800_000), 413, "Request Entity Too Large", LAMBDA),
    (Outcome(problem="error"), Request("POST", "/a"), 500, "Internal Server Error", TROUBLE),
    (Outcome(problem="timeout"), Request("POST", "/a"), 500, "Internal Server Error", TROUBLE),
    (Outcome(problem="late"), Request("POST", "/a"), 503, "Service Unavailable", QUOTAS),
    (Outcome(problem="busy"), Request("POST", "/a"), 429, "Too Many Requests", SCALING),
)  # fmt: skip


@pytest.mark.parametrize(("outcome", "request_", "status", "text", "source"), OWN)
def test_the_gateway_refuses_in_its_own_words(
    outcome: Outcome, request_: Request, status: int, text: str, source: str
) -> None:
    """Routes, limits and failures, each with AWS's status and body."""
    assert source
    body = json.dumps({"message": text}, separators=(",", ":")).encode()
    assert answered(outcome, request_) == Response(status, IN_JSON, body)


def test_more_than_burst_and_rate_are_refused() -> None:
    """Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html."""
    gateway = Gateway(
        ApiConfig("none", rate=1.0, burst=2), {"POST /a": "one"}, lambda *_: FINE, clock=lambda: 0.0
    )
    found = [gateway.answer(Request("POST", "/a")).status for _ in range(3)]
    assert found == [200, 200, 429]


@pytest.mark.parametrize(("size", "status"), [(10_240, 200), (10_241, 431)])
def test_the_head_has_10240_bytes(size: int, status: int) -> None:
    """Request line and values of the headers, not their names; the source is the quotas' page."""
    request = Request("POST", "/a", (("name", ""),))
    request = Request("POST", "/a", (("name", "x" * (size - request.head_size)),))
    assert answered(FINE, request).status == status

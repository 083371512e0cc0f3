"""Payload 2.0: events from requests, responses from answers, as documented."""

import base64
import json
from typing import Any

import pytest

from mldeploy.local.api.payload import Request, event_of, response_of
from mldeploy.local.api.routes import Match

ROUTE = Match("POST /a/{id}", (("id", "ä"),))


def event(**changes: Any) -> dict[str, Any]:
    """Return the event of a request with these attributes."""
    return event_of(Request(**{"method": "POST", "target": "/a/%C3%A4", **changes}), ROUTE)


def test_an_event_has_every_documented_field() -> None:
    """The fields are those of the developer guide's example, with the values of the request."""
    found = event(
        target="/a/%C3%A4?x=1&x=2&y=%26",
        headers=(
            ("Host", "localhost:8000"), ("User-Agent", "agent"), ("X-Two", "a"), ("x-two", "b"),
            ("Cookie", "one=1; two=2"), ("Content-Type", "application/json"),
        ),
        body=b"{}", source="192.0.2.1", port=8000, request_id="id", moment=1583348638.39,
        chance="0" * 24,
    )  # fmt: skip
    assert found.pop("headers") == {
        "content-length": "2", "content-type": "application/json", "host": "localhost:8000",
        "user-agent": "agent", "x-amzn-trace-id": f"Root=1-5e5ffb9e-{'0' * 24}",
        "x-forwarded-for": "192.0.2.1", "x-forwarded-port": "8000", "x-forwarded-proto": "http",
        "x-two": "a,b",
    }  # fmt: skip
    assert found == {
        "version": "2.0",
        "routeKey": "POST /a/{id}",
        "rawPath": "/a/ä",
        "rawQueryString": "x=1&x=2&y=%26",
        "cookies": ["one=1", "two=2"],
        "queryStringParameters": {"x": "1,2", "y": "&"},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "domainName": "localhost:8000",
            "domainPrefix": "localhost",
            "http": {
                "method": "POST", "path": "/a/ä", "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1", "userAgent": "agent",
            },
            "requestId": "id",
            "routeKey": "POST /a/{id}",
            "stage": "$default",
            "time": "04/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1583348638390,
        },
        "pathParameters": {"id": "ä"},
        "body": "{}",
        "isBase64Encoded": False,
    }  # fmt: skip


@pytest.mark.parametrize(("port", "scheme"), [(8000, "http"), (443, "https")])
def test_a_functions_links_have_the_scheme_of_the_port(port: int, scheme: str) -> None:
    """Sample events come from the port of HTTPS, and say so; `serve` speaks HTTP."""
    assert event(port=port)["headers"]["x-forwarded-proto"] == scheme


def test_what_is_not_there_has_no_field() -> None:
    """Without cookies, query, parameters and body the keys are left out, as AWS does."""
    found = event_of(Request("GET", "/"), Match("GET /"))
    absent = {"cookies", "queryStringParameters", "pathParameters", "body", "stageVariables"}
    assert not absent & found.keys()
    assert found["isBase64Encoded"] is False
    assert found["rawQueryString"] == ""


@pytest.mark.parametrize(
    ("content_type", "body"),
    [("application/json", b"\xff"), ("image/png", b"\x89PNG"), ("", b"text")],
)
def test_base64_gives_back_what_was_sent(content_type: str, body: bytes) -> None:
    """Byte for byte; which types come so is in test_documented.py."""
    found = event(headers=(("content-type", content_type),) if content_type else (), body=body)
    assert found["isBase64Encoded"] is True
    assert base64.b64decode(found["body"]) == body


def test_compressed_text_comes_as_base64() -> None:
    """A body with a content-encoding is binary whatever its type."""
    headers = (("content-type", "application/json"), ("content-encoding", "gzip"))
    assert event(headers=headers, body=b"abc")["isBase64Encoded"] is True


@pytest.mark.parametrize("answer", [{"a": 1}, [1], 5, None, {"body": "b", "headers": {}}])
def test_an_answer_without_a_status_is_the_body(answer: Any) -> None:
    """API Gateway infers 200 and JSON where `statusCode` is missing."""
    found = response_of(json.dumps(answer).encode())
    assert found is not None
    assert (found.status, found.headers) == (200, (("content-type", "application/json"),))
    assert json.loads(found.body) == answer


@pytest.mark.parametrize(
    ("answer", "status", "headers", "body"),
    [
        ({"statusCode": 201}, 201, {"content-type": "text/plain;charset=UTF-8"}, b""),
        ({"statusCode": "404", "body": "no"}, 404, {"content-type": "text/plain;charset=UTF-8"},
         b"no"),
        ({"statusCode": 200, "headers": {"Content-Type": "text/html", "X-N": 5}, "body": "ü"}, 200,
         {"content-type": "text/html", "x-n": "5"}, "ü".encode()),
        ({"statusCode": 200, "body": "AAH/", "isBase64Encoded": True}, 200,
         {"content-type": "text/plain;charset=UTF-8"}, b"\x00\x01\xff"),
        ({"statusCode": 200, "headers": {"x": "a\r\nset-cookie: b"}, "body": ""}, 200,
         {"x": "a set-cookie: b", "content-type": "text/plain;charset=UTF-8"}, b""),
    ],
)  # fmt: skip
def test_an_answer_with_a_status_is_taken_apart(
    answer: Any, status: int, headers: dict[str, str], body: bytes
) -> None:
    """Status, headers and body are the function's; base64 is decoded."""
    found = response_of(json.dumps(answer).encode())
    assert found is not None
    assert (found.status, dict(found.headers), found.body) == (status, headers, body)


def test_each_cookie_is_a_header_of_its_own() -> None:
    """`cookies` becomes several set-cookie headers."""
    answer = {"statusCode": 200, "cookies": ["a=1; HttpOnly", "b=2"]}
    found = response_of(json.dumps(answer).encode())
    assert found is not None
    assert [value for name, value in found.headers if name == "set-cookie"] == answer["cookies"]


@pytest.mark.parametrize(
    "answer",
    [
        b'{"statusCode": "ok"}',
        b'{"statusCode": true}',
        b'{"statusCode": 99}',
        b'{"statusCode": 200, "body": {"a": 1}}',
        b'{"statusCode": 200, "headers": ["a"]}',
        b'{"statusCode": 200, "headers": {"a": ["b"]}}',
        b'{"statusCode": 200, "headers": {"a: b\\r\\nc": "d"}}',
        b'{"statusCode": 200, "cookies": "a=1"}',
        b'{"statusCode": 200, "body": "%", "isBase64Encoded": true}',
    ],
)
def test_a_malformed_answer_means_nothing(answer: bytes) -> None:
    """The gateway turns these into 500."""
    assert response_of(answer) is None

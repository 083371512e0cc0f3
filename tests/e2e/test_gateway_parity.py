"""`mldeploy serve` against an emulated API Gateway: the same function, the same requests."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.cloud.cloud import loopback_address
from tests.support.served import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.cloud.cloud import Cloud
    from tests.e2e.conftest import Cli

TRAIN = Path(__file__).parents[2] / "examples" / "iris" / "train.py"
NAME = "gateway-parity-e2e"
CONFIG = f"""
[project]
name = "{NAME}"
[image]
include = ["echo.py"]
[functions.echo]
route = "ANY /echo/{{path+}}"
handler = "echo:handle"
memory = 256
timeout = 2
[functions.one]
route = "GET /one/{{id}}"
handler = "echo:handle"
memory = 256
[api]
auth = "none"
rate = 1000
burst = 1000
"""
ECHO = """\
import base64, json


def handle(event, context):
    text = event.get("body") or "null"
    body = base64.b64decode(text) if event.get("isBase64Encoded") else text
    try:
        told = json.loads(body)["answer"]
    except (ValueError, TypeError, KeyError):
        return {"statusCode": 200, "body": json.dumps(event)}
    if told == "raise":
        raise RuntimeError("as told")
    if told == "sleep":
        import time
        time.sleep(60)
    return told
"""
JSON = ("content-type", "application/json")

REQUESTS: dict[str, tuple[str, str, tuple[tuple[str, str], ...], bytes]] = {
    "get": ("GET", "/echo/a", (), b""),
    "delete": ("DELETE", "/echo/a", (), b""),
    "json": ("POST", "/echo/a", (JSON,), b'{"a": 1}'),
    "greedy": ("GET", "/echo/a/b/c", (), b""),
    "one": ("GET", "/one/7", (), b""),
    "slash at the end": ("GET", "/echo/a/", (), b""),
    "two slashes": ("GET", "//echo/a", (), b""),
    "encoded path": ("GET", "/echo/a%20b%C3%A4%2Bc", (), b""),
    "encoded slash": ("GET", "/echo/a%2Fb", (), b""),
    "encoded percent": ("GET", "/echo/a%252Fb", (), b""),
    "encoded parameter": ("GET", "/one/a%20b", (), b""),
    "dots": ("GET", "/echo/../echo/a", (), b""),
    "query": ("GET", "/echo/a?x=1&y=2", (), b""),
    "query, a key twice": ("GET", "/echo/a?x=1&y=2&x=3", (), b""),
    "query, encoded": ("GET", "/echo/a?k%20y=a%26b%3D%C3%A4+c", (), b""),
    "query, no value": ("GET", "/echo/a?x&y=", (), b""),
    "headers": ("GET", "/echo/a", (("X-One", "1"), ("Accept", "text/csv")), b""),
    "a header twice": ("GET", "/echo/a", (("X-Two", "1"), ("x-two", "2, 3")), b""),
    "user agent": ("GET", "/echo/a", (("User-Agent", "an agent"),), b""),
    "cookies": ("GET", "/echo/a", (("Cookie", "a=1; b=2"),), b""),
    "text": ("POST", "/echo/a", (("content-type", "text/csv"),), b"a,b"),
    "text, umlaut": ("POST", "/echo/a", (("content-type", "text/plain"),), "ä".encode()),
    "xml": ("POST", "/echo/a", (("content-type", "application/xml"),), b"<a/>"),
    "JSON's relative": ("POST", "/echo/a", (("content-type", "application/a+json"),), b"{}"),
    "form": ("POST", "/echo/a", (("content-type", "application/x-www-form-urlencoded"),), b"a=1"),
    "binary": ("POST", "/echo/a", (("content-type", "image/png"),), b"\x89\x00\xff"),
    "broken text": ("POST", "/echo/a", (("content-type", "text/plain"),), b"\xff"),
    "charset": ("POST", "/echo/a", (("content-type", "text/plain; charset=latin-1"),), b"a"),
    "no type": ("POST", "/echo/a", (), b"{}"),
    "no route": ("GET", "/nothing", (), b""),
    "no route for the method": ("POST", "/one/7", (), b""),
    "no greedy part": ("GET", "/echo/", (), b""),
    "options": ("OPTIONS", "/echo/a", (), b""),
}
"""Method, target, headers, body of requests whose events come back."""

ANSWERS: dict[str, Any] = {
    "object": {"a": 1},
    "list": [1],
    "text": "hello",
    "number": 5,
    "status alone": {"statusCode": 204},
    "status and body": {"statusCode": 201, "body": "ä"},
    "status as text": {"statusCode": "404", "body": "no"},
    "status 99": {"statusCode": 99},
    "status no number": {"statusCode": "ok"},
    "headers": {"statusCode": 200, "headers": {"X-One": "1", "Content-Type": "text/csv"}},
    "header, a number": {"statusCode": 200, "headers": {"x-one": 1}},
    "header, a list": {"statusCode": 200, "headers": {"x-one": ["1"]}},
    "cookies": {"statusCode": 200, "cookies": ["a=1; HttpOnly", "b=2"]},
    "cookies and a header": {"statusCode": 200, "headers": {"Set-Cookie": "c=3"},
                             "cookies": ["a=1"]},
    "base64": {"statusCode": 200, "body": "AAH/", "isBase64Encoded": True},
    "bad base64": {"statusCode": 200, "body": "%", "isBase64Encoded": True},
    "body, an object": {"statusCode": 200, "body": {"a": 1}},
    "body, null": {"statusCode": 200, "body": None},
    "raise": "raise",
    "sleep": "sleep",
}  # fmt: skip
"""What the function is told to answer."""

Reply = tuple[int, tuple[tuple[str, str], ...], bytes]


@pytest.fixture(scope="module")
def both(
    cli: Cli, cloud: Cloud, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Callable[..., Reply], Callable[..., Reply]]]:
    """Two ways to send a request: to `serve` and to the deployed API."""
    folder = tmp_path_factory.mktemp("parity") / "project"
    folder.mkdir()
    shutil.copy(TRAIN, folder)
    (folder / "mldeploy.toml").write_text(CONFIG)
    (folder / "echo.py").write_text(ECHO)
    cli(folder, "train").ok()
    try:
        deployed = cli(folder, "deploy", "-o", "json").ok().json["result"]["functions"][0]["url"]
        address, host = loopback_address(deployed)
        with serving(folder, "--port", "0", "--environments", "4") as served:
            yield (
                sender(served.port, f"127.0.0.1:{served.port}"),
                sender(urlsplit(address).port or 0, host),
            )
    finally:
        cli(folder, "destroy", "--confirm", NAME)


def sender(port: int, host: str) -> Callable[..., Reply]:
    """Return what sends a request as it stands, not as a client would tidy it."""

    def send(method: str, target: str, headers: tuple[tuple[str, str], ...], body: bytes) -> Reply:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in (("Host", host), *headers):
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        reply = connection.getresponse()
        content = reply.read()
        connection.close()
        found = sorted((name.lower(), value) for name, value in reply.getheaders())
        return reply.status, tuple(found), content

    return send


ASSIGNED = {
    "apigw-requestid", "date", "headers.host", "headers.x-amzn-trace-id",
    "headers.x-forwarded-for", "headers.x-forwarded-port", "requestContext.accountId",
    "requestContext.apiId", "requestContext.domainName", "requestContext.domainPrefix",
    "requestContext.http.sourceIp", "requestContext.requestId", "requestContext.time",
    "requestContext.timeEpoch",
}  # fmt: skip
"""Ids, times, hosts, ports, addresses, which can't be equal: their types are compared."""
ABSENT = "<absent>"
ERROR = '{"message":"Internal Server Error"}'
TEXT, ANY = "text/plain;charset=UTF-8", "application/json"

GUIDE = "https://docs.aws.amazon.com/apigateway/latest/developerguide/"
EVENT = f"{GUIDE}http-api-develop-integrations-lambda.html"
"""Of which each reason below names the side that agrees with it."""
ROUTED = tuple(name for name in REQUESTS if not name.startswith("no ") or name == "no type")
ECHOED = tuple(name for name in ROUTED if name != "options")
BODILESS = tuple(name for name in ECHOED if not REQUESTS[name][3])

Row = tuple[tuple[str, ...], str, Any, Any, str]

IN_EVENTS: tuple[Row, ...] = (
    (ECHOED, "headers.x-amzn-trace-id", "str", ABSENT, f"ours: the headers in {EVENT}"),
    (ECHOED, "headers.x-forwarded-for", "str", ABSENT, f"ours: the same in {EVENT}"),
    (ECHOED, "headers.x-forwarded-port", "str", ABSENT, f"ours: the same in {EVENT}"),
    (ECHOED, "headers.x-forwarded-proto", "http", ABSENT, f"ours: the same in {EVENT}"),
    (ECHOED, "requestContext.domainPrefix", "str", ABSENT, f"ours: requestContext in {EVENT}"),
    (BODILESS, "headers.content-length", "0", ABSENT,
     "ours: as in events of AWS, https://github.com/floci-io/floci/issues/2172 shows one"),
    (("cookies",), "cookies", ["a=1", "b=2"], ABSENT, f"ours: `cookies` in {EVENT}"),
    (("cookies",), "headers.cookie", ABSENT, "a=1; b=2", f"ours: `cookies` in {EVENT}"),
    (("a header twice",), "headers.x-two", "1,2, 3", "1, 2, 3",
     f'ours: "value1,value2" in {EVENT}, without a space'),
    (("two slashes",), "rawPath", "//echo/a", "/echo/a",
     "undocumented; ours is what was sent, theirs what its HTTP server made of it"),
    (("two slashes",), "requestContext.http.path", "//echo/a", "/echo/a", "the same"),
    (("broken text",), "body", "/w==", "\ufffd",
     f"ours: what is no text comes as base64, {EVENT}; theirs lost the byte"),
    (("broken text",), "isBase64Encoded", True, False, "the same"),
    (("charset",), "body", "YQ==", "a",
     "ours: measured in https://github.com/floci-io/floci/pull/2203"),
    (("charset",), "isBase64Encoded", True, False, "the same"),
)  # fmt: skip
"""Requests, field, our value, theirs, and who is right."""

TYPELESS = ("status and body", "status as text", "status alone", "header, a number", "cookies",
            "cookies and a header", "base64")  # fmt: skip
CRASHED = ("status 99", "status no number")
_TROUBLE = f"ours: {GUIDE}http-api-troubleshooting-lambda.html"
_STRINGS = f"ours: {EVENT} has strings there, and what isn't of its format is an error"
_MEASURED = (
    "ours: measured, https://github.com/aws/aws-lambda-dotnet/pull/1903; the guide's "
    "application/json is for answers without statusCode"
)

IN_ANSWERS: tuple[Row, ...] = (
    (TYPELESS, "content-type", [TEXT], [ANY], _MEASURED),
    (("status alone",), "content-length", ABSENT, ["0"], "ours: RFC 9110, 8.6: none with a 204"),
    ((*CRASHED, "body, null"), "apigw-requestid", "str", ABSENT, "theirs crashed"),
    ((*CRASHED, "body, null"), "date", "str", ABSENT, "theirs crashed"),
    ((*CRASHED, "body, null"), "connection", ABSENT, ["close"], "theirs crashed"),
    (CRASHED, "content-type", [ANY], ABSENT, _TROUBLE),
    (CRASHED, "content-length", ["35"], ["0"], _TROUBLE),
    (CRASHED, "body", ERROR, "", _TROUBLE),
    (("body, null",), "status", 200, 500, "theirs crashed; no body is as good as an empty one"),
    (("body, null",), "content-type", [TEXT], ABSENT, _MEASURED),
    (("header, a list",), "status", 500, 200, _STRINGS),
    (("header, a list",), "body", ERROR, "", _STRINGS),
    (("header, a list",), "content-length", ["35"], ["0"], _STRINGS),
    (("header, a list",), "x-one", ABSENT, ["1"], _STRINGS),
    (("bad base64",), "status", 500, 200, "ours: theirs drops what it can't decode, unseen"),
    (("bad base64",), "body", ERROR, "", "the same"),
    (("bad base64",), "content-length", ["35"], ["0"], "the same"),
    (("body, an object",), "status", 500, 200, _STRINGS),
    (("body, an object",), "body", ERROR, '{"a": 1}', _STRINGS),
    (("body, an object",), "content-length", ["35"], ["8"], _STRINGS),
    (("raise", "sleep"), "status", 500, 502, _TROUBLE),
    (("raise", "sleep"), "body", ERROR, "<the error>", _TROUBLE),
    (("raise", "sleep"), "content-length", ["35"], "<its length>", _TROUBLE),
)  # fmt: skip
"""The same of what a function's answers became."""


def of_event(reply: Reply) -> dict[str, Any]:
    """Return the event that came back, flat; else status and body."""
    status, _, content = reply
    if status != 200:
        return {"status": status, "body": content.decode()}
    return flat(json.loads(content))


def flat(value: Any, name: str = "") -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        return {name: type(value).__name__ if name in ASSIGNED else value}
    found: dict[str, Any] = {}
    for key, one in value.items():
        found |= flat(one, f"{name}.{key}" if name else key)
    return found


def of_answer(reply: Reply) -> dict[str, Any]:
    """Return status, headers and body; of an error that names what failed, only that it does."""
    status, headers, content = reply
    found: dict[str, Any] = {"status": status, "body": content.decode("latin-1")}
    for name, value in headers:
        found.setdefault(name, []).append(value)
    for name in ASSIGNED & found.keys():
        found[name] = type(found[name][0]).__name__
    if "errorMessage" in found["body"]:
        found |= {"body": "<the error>", "content-length": "<its length>"}
    return found


def differences(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the fields that aren't equal, with both values."""
    both = {name: (ours.get(name, ABSENT), theirs.get(name, ABSENT)) for name in ours | theirs}
    return {name: values for name, values in both.items() if values[0] != values[1]}


def listed(rows: tuple[Row, ...]) -> dict[str, dict[str, tuple[Any, Any]]]:
    found: dict[str, dict[str, tuple[Any, Any]]] = defaultdict(dict)
    for names, field, ours, theirs, why in rows:
        assert why
        for name in names:
            found[name][field] = (ours, theirs)
    return found


Both = tuple["Callable[..., Reply]", "Callable[..., Reply]"]


@pytest.mark.parametrize("name", [name for name in REQUESTS if name != "options"])
def test_events_are_those_of_the_emulated_gateway(both: Both, name: str) -> None:
    """Each field of each event is the same but for those listed, and those do differ."""
    ours, theirs = (of_event(send(*REQUESTS[name])) for send in both)
    assert differences(ours, theirs) == listed(IN_EVENTS)[name]


@pytest.mark.parametrize("name", ANSWERS)
def test_answers_become_the_responses_of_the_emulated_gateway(both: Both, name: str) -> None:
    """Status, every header and body are the same but for those listed, and those do differ."""
    body = json.dumps({"answer": ANSWERS[name]}).encode()
    ours, theirs = (of_answer(send("POST", "/echo/a", (JSON,), body)) for send in both)
    assert differences(ours, theirs) == listed(IN_ANSWERS)[name]


def test_options_reaches_the_function_where_the_api_has_no_cors(both: Both) -> None:
    """Theirs refuses OPTIONS itself; AWS answers it itself only where CORS is configured.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
    """
    ours, theirs = (send(*REQUESTS["options"]) for send in both)
    assert of_event(ours)["requestContext.http.method"] == "OPTIONS"
    assert theirs[0] == 403

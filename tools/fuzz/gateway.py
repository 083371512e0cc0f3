"""The gateway in front of the function: from an HTTP request to payload 2.0, and back."""

from __future__ import annotations

import base64
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tools.fuzz.bodies import Sent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def event_of(sent: Sent) -> dict[str, Any]:
    """Return the event of an HTTP API, payload 2.0; a body that isn't UTF-8 comes as base64.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    method, _, path = sent.route.partition(" ")
    agent = sent.headers.get("user-agent", "")
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": sent.route,
        "rawPath": path,
        "rawQueryString": sent.query,
        "headers": sent.headers,
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "fuzz",
            "http": {**http, "userAgent": agent},
            "requestId": sent.headers.get("x-request-id", ""),
            "routeKey": sent.route,
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
    if sent.query:
        event["queryStringParameters"] = dict(parse_qsl(sent.query))
    if not sent.body:
        return event
    try:
        return {**event, "body": sent.body.decode()}
    except UnicodeDecodeError:
        body = base64.b64encode(sent.body).decode()
        return {**event, "body": body, "isBase64Encoded": True}


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
def serving(invoke: Callable[[Sent], Any], routes: tuple[str, ...]) -> Iterator[str]:
    """Serve a function's routes on loopback; yields the address.

    Args:
        invoke: gets what was sent and returns what the function said.
        routes: that it has; anything else is 404, as of API Gateway.
    """

    class Handler(_Handler):
        asked = staticmethod(invoke)
        known = frozenset(routes)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet: two would wait 40 ms for each other
    asked: Callable[[Sent], Any]
    known: frozenset[str] = frozenset()

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        parts = urlsplit(self.path)
        route = f"{self.command} {parts.path}"
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(length)
        answer: Any = {"statusCode": 404, "headers": {"content-type": "application/json"},
                       "body": '{"message":"Not Found"}'}  # fmt: skip
        if route in self.known:
            answer = self.asked(Sent(route, body, headers, parts.query))
        if not isinstance(answer, dict) or "statusCode" not in answer:
            answer = {"statusCode": 500, "headers": {"content-type": "application/json"},
                      "body": '{"message":"Internal Server Error"}'}  # fmt: skip
        content = answer["body"].encode()
        self.send_response(answer["statusCode"])
        for name, value in answer["headers"].items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def __getattr__(self, name: str) -> Callable[[], None]:
        """Take every method that there is: the library looks for do_GET and its like."""
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing: a run makes a hundred thousand lines."""

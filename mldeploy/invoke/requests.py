"""Requests that `invoke` sends. Pure except for the files that it reads."""

import base64
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError

JSON = "application/json"
"""The default content type of a body."""
CSV = "text/csv"


@dataclass(frozen=True)
class Request:
    """What to send.

    Attributes:
        body: the JSON body for HTTP.
        event: for a direct invoke.
        method: of the event, or "" for the route's.
        path: of the event, or "" for the route's.
        content_type: of the body, from the event.
    """

    body: bytes
    event: Any
    method: str = ""
    path: str = ""
    content_type: str = JSON


def request_of_payload(payload: Any) -> Request:
    """Return a request with a bare payload."""
    return Request(json.dumps(payload).encode(), payload)


def request_of_data(data: str) -> Request:
    """Return the request for `--data`: JSON, `@file`, or `@-` or `-` for standard input.

    A file whose name ends in .csv is sent as CSV; so is standard input that isn't JSON.

    Raises:
        MldeployError: MLD107 for a file that can't be read, MLD108 for text that isn't JSON.
    """
    if data in {"-", "@-"}:
        text = sys.stdin.read()
        begins = text.lstrip()[:1]
        is_csv = bool(begins) and begins not in '{["' and "\n" in text.strip()
        return request_of_csv(text) if is_csv else request_of_payload(_parsed(text, "--data"))
    if not data.startswith("@"):
        return request_of_payload(_parsed(data, "--data"))
    path = Path(data[1:])
    text = _read(path, "--data")
    if path.suffix.lower() == ".csv":
        return request_of_csv(text)
    return request_of_payload(_parsed(text, "--data"))


def request_of_csv(text: str) -> Request:
    """Return a request with rows as CSV, which a bare payload can't be: its event is an API's."""
    event = {
        "version": "2.0",
        "routeKey": "POST /",
        "rawPath": "/",
        "rawQueryString": "",
        "headers": {"content-type": CSV},
        "requestContext": {"http": {"method": "POST", "path": "/"}, "stage": "$default"},
        "body": text,
        "isBase64Encoded": False,
    }
    return Request(text.encode(), event, content_type=CSV)


def request_of_event(path: Path) -> Request:
    """Return the request of an API Gateway event, REST 1.0 or HTTP 2.0.

    Raises:
        MldeployError: MLD107, MLD108, or MLD109 for JSON that isn't an API event.
    """
    event = _parsed(_read(path, "--event"), str(path))
    if not isinstance(event, dict) or not ({"body", "httpMethod", "rawPath"} & event.keys()):
        raise MldeployError(
            "MLD109",
            f"{path} isn't an API Gateway event: it has no body",
            "use --data @FILE for a bare payload",
        )
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else str(body).encode()
    http = event.get("requestContext", {}).get("http", {})
    return Request(
        raw,
        event,
        str(event.get("httpMethod") or http.get("method") or ""),
        str(event.get("path") or event.get("rawPath") or ""),
        _content_type(event),
    )


def _content_type(event: dict[str, Any]) -> str:
    """Return the event's content type. REST APIs don't change the case of header names."""
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return str(headers.get("content-type") or JSON)


def _read(path: Path, option: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise MldeployError(
            "MLD107", f"{option}: {path} can't be read: {error}", "check the path"
        ) from error


def _parsed(text: str, source: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MldeployError(
            "MLD108",
            f"{source} isn't JSON: {error}",
            """pass JSON such as '{"features": [1, 2]}', or a CSV file: @rows.csv""",
        ) from error

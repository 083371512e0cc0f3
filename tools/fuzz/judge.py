"""Rules for all responses and log lines, regardless of the request."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from tools.fuzz.bodies import CANARY

_OK = 200
_PAGES = {"GET /": "text/html", "GET /docs": "text/html"}
_PROBLEM = {"type", "title", "status", "detail"}
_MOST_ERRORS = 20
_LINE = {"request_id", "route", "status", "rows", "milliseconds", "release"}
_FAILURE = {"request_id", "error", "frames"}
_CONTROLS = {chr(code) for code in range(32)} | {"\x7f"}


def strict(text: str) -> Any:
    """Parse JSON strictly by RFC 8259.

    Raises:
        ValueError: for invalid JSON, including NaN and duplicate keys.
    """
    return json.loads(text, parse_constant=_refuse, object_pairs_hook=_unique)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def faults_of(route: str, answer: Any) -> list[str]:
    """Return the problems of a response to API Gateway."""
    if not isinstance(answer, dict) or set(answer) != {
        "statusCode", "headers", "body", "isBase64Encoded",
    }:  # fmt: skip
        return ["no response of API Gateway"]
    status, text = answer["statusCode"], answer["body"]
    kind = answer["headers"].get("content-type", "")
    if status == _OK and route in _PAGES:
        return [] if kind.startswith(_PAGES[route]) else [f"content-type {kind}"]
    try:
        text.encode()
        body = strict(text)
    except ValueError as error:
        return [f"invalid JSON: {error}"]
    if status == _OK:
        return [] if kind == "application/json" else [f"content-type {kind}"]
    wrong = [] if 400 <= status < 500 else [f"status {status}"]  # noqa: PLR2004 - a client's
    v2 = "/v2" in route
    wanted = "application/json" if v2 else "application/problem+json"
    wrong += [] if kind == wanted else [f"content-type {kind}"]
    return wrong + faults_of_problem(body, status, v2=v2)


def faults_of_problem(body: Any, status: int, *, v2: bool = False) -> list[str]:
    """Return a problem document's differences from docs/requests.md."""
    if not isinstance(body, dict) or not _PROBLEM <= set(body) <= _PROBLEM | {"errors", "error"}:
        return [f"members of the problem: {list(body)}"]
    right = {"type": "about:blank", "status": status, "title": HTTPStatus(status).phrase}
    wrong = [name for name, value in right.items() if body[name] != value]
    if not isinstance(body["detail"], str) or not 0 < len(body["detail"]) < 1000:  # noqa: PLR2004
        wrong.append("detail")
    if v2 != ("error" in body) or body.get("error", body["detail"]) != body["detail"]:
        wrong.append("error")
    errors = body.get("errors", [])
    if len(errors) > _MOST_ERRORS or not all(_is_finding(one) for one in errors):
        wrong.append("errors")
    return [f"the problem's {name}" for name in wrong]


def _is_finding(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and {"row", "expected", "got"} <= set(one) <= {"row", "column", "expected", "got"}
        and isinstance(one["row"], int)
        and all(isinstance(one[name], str) for name in set(one) - {"row"})
    )


def faults_of_log(text: str, *, failed: bool = False) -> list[str]:
    """Return which lines of a log aren't one object of JSON with nothing of a client's in it.

    Args:
        text: the lines.
        failed: whether the lines that a failing model leaves may be among them.
    """
    shapes = [_LINE, _FAILURE] if failed else [_LINE]
    # Not splitlines(): a terminal may treat the same characters as line ends.
    return [wrong for line in text.split("\n") if line and (wrong := _faults_of_line(line, shapes))]


def _faults_of_line(line: str, shapes: list[set[str]]) -> str:
    if CANARY in line:
        return "a line holds what a client sent"
    if _CONTROLS & set(line):
        return "a line holds control characters"
    try:
        found = strict(line)
    except ValueError:
        return f"a line isn't JSON: {line[:80]!r}"
    return "" if set(found) in shapes else f"members of a line: {sorted(found)}"

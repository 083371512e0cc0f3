"""Requests of an attacker: valid ones of every format, and mutations of them.

Everything is derived from one `random.Random`, so a seed repeats a run, and Hypothesis, with its
own, can shrink failures. Every text contains the canary, which must not appear in logs.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from random import Random

CANARY = "canary-7f3a"
PREDICT = "POST /predict"
INFER = "POST /v2/models/predict/infer"
PAGES = (
    "GET /", "GET /docs", "GET /openapi.json", "GET /health", "GET /metadata", "GET /v2",
    "GET /v2/health/live", "GET /v2/health/ready", "GET /v2/models/predict",
    "GET /v2/models/predict/ready",
)  # fmt: skip
JSON, CSV, OCTETS = "application/json", "text/csv", "application/octet-stream"

NASTY = (
    CANARY, "", "\x00", "\x1b[31m" + CANARY, f"\r\nx-{CANARY}: 1", "\ud800", "\ufeff",
    "\udfff\ud800",
    "Gro\u0308\u00dfe", "Gr\u00f6\u00dfe", "zero\u200bwidth", "\u202egnp.exe", "__proto__",
    "constructor", "mldeploy", "verify", "NaN", "1e999", "0x10", "1_000", "\u0663", "true", "null",
    "'; DROP TABLE rows; --", "{{7*7}}", "${jndi:ldap://127.0.0.1}", "../../etc/passwd", "%s%n",
    "<script>alert(1)</script>", CANARY * 50,
)  # fmt: skip
"""Texts that have broken parsers, logs, terminals and pages."""

NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2**31, 2**53 + 1, 2**63, 2**64, -(2**63) - 1, 10**39, 10**400, 10**4299, 1.5, -0.0,
    5e-324, 1e39, 1.7e308, 0.1,
)  # fmt: skip
_TOKENS = (
    "NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 4301, "0" * 50, "01", "+1", ".5", "1.",
    "0x1F", "1e+", "tru", "True", "None", "undefined", "'x'", '"\\x"', '"\\ud800"', '"\n"', "/**/1",
    "[" * 2000, '{"a":' * 2000, "[" * 100_000, "\u00a01", "1,", ",", "}", "]",
)  # fmt: skip
"""Texts that replace a value and are invalid or barely valid JSON."""

CONTENT_TYPES = (
    "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/json; charset=utf-16", 'application/json; charset="utf-8"', "APPLICATION/JSON",
    "text/csv; charset=latin-1", "text/csv; header=absent", "application/json,application/json",
    "application/octet-stream", "application/json;" + ";" * 500, f"application/{CANARY}", "/", ";",
    "application/vnd.api+json", "application/json\u200b", "*/*", "text/csv",
)  # fmt: skip

_MOST_BYTES = 4_000_000
"""Lambda accepts no event over 6 MB, including base64, so more never reaches a function."""


@dataclass(frozen=True)
class Sent:
    """A request of a client.

    Attributes:
        route: the route that the gateway selects.
        body: any bytes.
        headers: in addition to those of every client.
        query: the raw query string.
    """

    route: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""


def sent(random: Random, features: list[dict[str, Any]]) -> Sent:
    """Return a request: sometimes a valid one, mostly a mutated one."""
    route = random.choice((PREDICT,) * 6 + (INFER,) * 3 + (random.choice(PAGES),))
    kind, content = _good(random, features, route)
    tail = b""
    if route == INFER and _one_in(random, 3):
        content, tail = _binary(random, content)
    for _ in range(random.choice((0, 1, 1, 1, 2, 4))):
        content = _mutated(random, content)
    text = content if isinstance(content, str) else json.dumps(content)
    spoil = random.choice(_SPOILS) if _one_in(random, 3) else _kept
    headers = {"content-type": kind, "user-agent": CANARY, "x-request-id": random.choice(NASTY)}
    if _one_in(random, 10):
        headers["content-type"] = random.choice(CONTENT_TYPES)
    if _one_in(random, 50):
        headers["inference-header-content-length"] = random.choice(("0", "10", CANARY))
    body = spoil(random, text)[:_MOST_BYTES]
    if tail:
        length = len(body) + random.choice((0, 0, 0, 0, -1, 1, 9**9))
        headers |= {"content-type": OCTETS, "inference-header-content-length": str(length)}
        body += random.choice((tail, tail, tail[:-1], random.randbytes(len(tail)), tail * 2))
    return Sent(route, body, headers, f"q={CANARY}&features=1")


def value(random: Random, feature: dict[str, Any]) -> Any:
    """Return a valid value of a column."""
    if feature.get("nullable") and _one_in(random, 5):
        return None
    match feature["dtype"]:
        case "number":
            low, high = feature.get("minimum", 0), feature.get("maximum", 1)
            return round(low + (high - low) * random.random(), 3)
        case "integer":
            return random.randint(int(feature.get("minimum", 0)), int(feature.get("maximum", 9)))
        case "boolean":
            return _one_in(random, 2)
        case _:
            return random.choice(feature.get("categories") or ["a", CANARY])


_DATATYPES = {"number": "FP64", "integer": "INT64", "boolean": "BOOL", "string": "BYTES"}


def _good(random: Random, features: list[dict[str, Any]], route: str) -> tuple[str, Any]:
    """Return the content type and body of a good request; a CSV's body is text."""
    names = [one["name"] for one in features]
    rows = [[value(random, one) for one in features] for _ in range(random.choice((1, 1, 2, 5)))]
    columns = list(map(list, zip(*rows, strict=True)))
    records = [dict(zip(names, row, strict=True)) for row in rows]
    if route == INFER:
        return JSON, _tensors(random, features, columns)
    bodies: tuple[tuple[str, Any], ...] = (
        (JSON, {"features": rows[0]}),
        (JSON, {"features": records[0]}),
        (JSON, {"instances": rows}),
        (JSON, {"instances": records}),
        (JSON, {"dataframe_split": {"columns": names, "index": [0], "data": rows}}),
        (JSON, {"dataframe_records": records}),
        (JSON, {"inputs": rows}),
        (JSON, {"inputs": dict(zip(names, columns, strict=True))}),
        (JSON, {"mldeploy": random.choice(("verify", "warmup")), "features": rows[0]}),
        (CSV, "\n".join(",".join(map(_field, row)) for row in (names, *rows)) + "\n"),
    )
    return random.choice(bodies)


def _field(one: Any) -> str:
    return "" if one is None else str(one)


def _tensors(random: Random, features: list[dict[str, Any]], columns: list[list[Any]]) -> Any:
    rows = len(columns[0])
    inputs = [
        {"name": one["name"], "datatype": _DATATYPES[one["dtype"]], "shape": [rows, 1],
         "data": column}
        for one, column in zip(features, columns, strict=True)
    ]  # fmt: skip
    if {one["dtype"] for one in features} == {"number"} and not _one_in(random, 3):
        data = list(map(list, zip(*columns, strict=True)))
        shape = [rows, len(features)]
        inputs = [{"name": CANARY, "datatype": "FP64", "shape": shape, "data": data}]
    return {"id": CANARY, "inputs": inputs, "outputs": [{"name": "predict"}]}


_LETTERS = {"FP64": "d", "INT64": "q", "BOOL": "?"}


def _binary(random: Random, content: Any) -> tuple[Any, bytes]:
    """Return a request with most of its tensors' data after the JSON, and that data."""
    inputs, tail = [], b""
    for tensor in content["inputs"]:
        rest = {key: value for key, value in tensor.items() if key != "data"}
        try:
            raw = _packed(tensor["datatype"], tensor["data"])
        except struct.error:  # a missing value
            raw = b""
        if not raw or _one_in(random, 5):
            inputs.append(tensor)
            continue
        tail += raw
        inputs.append({**rest, "parameters": {"binary_data_size": len(raw)}})
    return {**content, "inputs": inputs}, tail


def _packed(datatype: str, data: list[Any]) -> bytes:
    values = [one for row in data for one in (row if isinstance(row, list) else [row])]
    if datatype in _LETTERS:
        nan = float("nan") if datatype == "FP64" else None
        numbers = [nan if one is None else one for one in values]
        return struct.pack(f"<{len(values)}{_LETTERS[datatype]}", *numbers)
    raw = [str(one).encode("utf-8", "surrogatepass") for one in values]
    return b"".join(struct.pack("<I", len(one)) + one for one in raw)


def junk(random: Random, depth: int = 2) -> Any:
    """Return any JSON value, rather a nasty one."""
    match random.randrange(8 if depth else 6):
        case 0:
            return None
        case 1:
            return _one_in(random, 2)
        case 2 | 3:
            return random.choice(NUMBERS)
        case 4 | 5:
            return random.choice(NASTY)
        case 6:
            return [junk(random, depth - 1) for _ in range(random.choice((0, 1, 4, 30)))]
        case _:
            return {random.choice(NASTY): junk(random, depth - 1) for _ in range(3)}


def _mutated(random: Random, body: Any) -> Any:
    """Return the body with one random change; a CSV's text isn't changed."""
    deeper = not _one_in(random, 5)
    match body:
        case dict() if body and deeper:
            return _mutated_object(random, body)
        case list() if body and deeper:
            return _mutated_list(random, body)
        case str() if "\n" in body:
            return body
        case _:
            return junk(random)


def _mutated_object(random: Random, body: dict[str, Any]) -> dict[str, Any]:
    key = random.choice(list(body))
    rest = {name: one for name, one in body.items() if name != key}
    match random.randrange(6):
        case 0:
            return rest
        case 1:
            return {**rest, random.choice(NASTY): body[key]}
        case _:
            return {**body, key: _mutated(random, body[key])}


def _mutated_list(random: Random, body: list[Any]) -> list[Any]:
    at = random.randrange(len(body))
    match random.randrange(6):
        case 0:
            return body[:at] + body[at + 1 :]
        case 1:
            return body * random.choice((2, 3, 50))
        case _:
            return [*body[:at], _mutated(random, body[at]), *body[at + 1 :]]


def _one_in(random: Random, times: int) -> bool:
    return random.randrange(times) == 0


def _kept(_random: Random, text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _cut_off(random: Random, text: str) -> bytes:
    return _kept(random, text)[: random.randrange(len(text) + 1)]


def _flipped(random: Random, text: str) -> bytes:
    raw = bytearray(_kept(random, text))
    for _ in range(random.choice((1, 1, 3)) if raw else 0):
        raw[random.randrange(len(raw))] = random.randrange(256)
    return bytes(raw)


def _token(random: Random, text: str) -> bytes:
    """Put something that isn't a value in place of a number, or at the end."""
    places = [at for at, one in enumerate(text) if one.isdigit()] or [len(text)]
    at = random.choice(places)
    return _kept(random, text[:at] + random.choice(_TOKENS) + text[at + 1 :])


def _twice(random: Random, text: str) -> bytes:
    """Write a key twice."""
    return _kept(random, text.replace("{", '{"features": 1, "features": 2, ', 1))


def _encoded(random: Random, text: str) -> bytes:
    encoding = random.choice(("utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7", "cp037"))
    return text.encode(encoding, "replace")


def _wrapped(random: Random, text: str) -> bytes:
    before, after = random.choice(
        (("\ufeff", ""), (")]}',\n", ""), ("", text), ("[", "]"), ("\x1f\x8b", ""), ("", "\x00"),
         (" " * 5000, "\n" * 5000), ('"', '"'), ("", ',,,,\n"')),
    )  # fmt: skip
    return _kept(random, before + text + after)


def _raw(random: Random, _text: str) -> bytes:
    return random.randbytes(random.choice((0, 1, 10, 300)))


_SPOILS = (_cut_off, _flipped, _flipped, _token, _token, _twice, _encoded, _wrapped, _raw)


def large(random: Random, features: list[dict[str, Any]]) -> Sent:
    """Return a request of about a megabyte that is cheap to send and expensive to parse."""
    names = [one["name"] for one in features]
    head, unit, tail = random.choice(
        (
            ('{"instances":[', "{}", "]}"),
            ('{"instances":[', '{"a":0}', "]}"),
            ('{"features":[', "9" * 4300, "]}"),
            ('{"dataframe_split":{"columns":["a"],"data":[', "[1]", "]}}"),
            ('{"inputs":{"a":[', "1", "]}}"),
            ('{"features":', "[" * 1000, ""),
            ('{"features":["', CANARY, '"]}'),
            ('{"inputs":[{"name":"x","datatype":"FP64","shape":[400000,1],"data":[', "1", "]}]}"),
        )
    )
    size = random.choice((30_000, 999_000, 1_000_100))
    text = head + ",".join([unit] * ((size - len(head)) // (len(unit) + 1))) + tail
    route = INFER if "datatype" in head else PREDICT
    if _one_in(random, 5):
        text, route = ",".join(names) + "\n" + "1\n" * (size // 2), PREDICT
        return Sent(route, text.encode(), {"content-type": CSV})
    return Sent(route, text.encode(), {"content-type": JSON})

"""The formats of requests: one parser per format."""

from typing import Any

from endpoint.formats.csv_body import csv_rows
from endpoint.formats.json_body import json_rows, payload_of
from endpoint.formats.request import Request, text_of
from endpoint.problem import ProblemError
from endpoint.rows import MOST_ROWS

_JSON = "application/json"
CSV = "text/csv"
LINES = frozenset(
    f"application/{name}" for name in ("jsonlines", "x-jsonlines", "jsonl", "ndjson", "x-ndjson")
)
"""The media types of JSON lines; none is registered. SageMaker's is the first."""
_SUPPORTED = "application/json, text/csv or application/jsonlines"


def read(
    raw: bytes, content_type: str, features: list[dict[str, Any]], most_rows: int = MOST_ROWS
) -> Request:
    """Return the rows of a body, unchecked.

    Args:
        raw: the body.
        content_type: the header, or "" without it.
        features: the model's columns; a CSV's fields are parsed as their types.
        most_rows: the most rows that are allowed.

    Raises:
        ProblemError: 400 if the body can't be parsed, 413 if there are too many rows, 415 for an
            unsupported content type or charset, 422 for a JSON body without rows.
    """
    # Nearly all clients send exactly this header, which needs no parsing.
    kind = content_type if content_type == _JSON else media_type(content_type)
    match kind:
        case "application/json":
            return json_rows(payload_of(text_of(raw)), most_rows)
        case "text/csv":
            header = _parameter(content_type, "header")
            return csv_rows(text_of(raw), features, most_rows, header)
        case _ if kind in LINES:
            from endpoint.formats.json_lines import json_lines

            names = {feature["name"] for feature in features}
            return json_lines(text_of(raw), names, most_rows, kind)
        case "":
            raise ProblemError(415, f"the request has no content-type; send {_SUPPORTED}")
        case _:
            raise ProblemError(415, f"unsupported content-type; send {_SUPPORTED}")


def media_type(content_type: str) -> str:
    """Return "type/subtype" in lower case.

    Raises:
        ProblemError: 415 for any charset except UTF-8.
    """
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    for name, _, value in (parameter.partition("=") for parameter in parameters):
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8", "us-ascii"}:
            raise ProblemError(415, "unsupported charset; send UTF-8")
    return kind


def _parameter(content_type: str, wanted: str) -> str:
    """Return the value of a parameter in lower case, or ""."""
    pairs = (part.partition("=") for part in content_type.lower().split(";")[1:])
    return next((value.strip(' "') for name, _, value in pairs if name.strip() == wanted), "")

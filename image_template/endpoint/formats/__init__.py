"""From a request to a table of rows: a small parser for each format that clients speak."""

from typing import Any

from endpoint.formats.csv_body import csv_rows
from endpoint.formats.json_body import json_rows, parse
from endpoint.formats.request import Request, text_of
from endpoint.problem import ProblemError
from endpoint.table import MOST_ROWS

_JSON = "application/json"
_TAKEN = "application/json or text/csv"


def read(
    raw: bytes, content_type: str, features: list[dict[str, Any]], most_rows: int = MOST_ROWS
) -> Request:
    """Return the rows of a body, unchecked.

    Args:
        raw: the body.
        content_type: the header, or "" where there was none.
        features: the model's columns, whose types a CSV's text is read as.
        most_rows: how many are taken.

    Raises:
        ProblemError: 400 for what can't be parsed, 413 for too many rows, 415 for another
            content type or charset, 422 for a JSON body without rows.
    """
    # What nearly all clients send needs no look at parameters.
    kind = content_type if content_type == _JSON else media_type(content_type)
    match kind:
        case "application/json":
            return json_rows(parse(text_of(raw)), most_rows)
        case "text/csv":
            return csv_rows(text_of(raw), features, most_rows)
        case "":
            raise ProblemError(415, f"the request has no content-type; send {_TAKEN}")
        case _:
            raise ProblemError(415, f"the content-type isn't taken; send {_TAKEN}")


def media_type(content_type: str) -> str:
    """Return "type/subtype" in small letters.

    Raises:
        ProblemError: 415 for a charset other than UTF-8.
    """
    kind, *parameters = (part.strip().lower() for part in content_type.split(";"))
    for name, _, value in (one.partition("=") for one in parameters):
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8", "us-ascii"}:
            raise ProblemError(415, "the body's charset isn't taken; send UTF-8")
    return kind

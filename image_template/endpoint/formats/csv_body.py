"""`text/csv` with a header, as pandas' `to_csv(index=False)` writes it."""

import io
import re
from collections.abc import Callable
from typing import Any

from endpoint.formats.request import Request, Shape, named_rows
from endpoint.problem import ProblemError
from endpoint.rows import MOST_ROWS, require_few

# A longer number becomes the float infinity and is refused as too large.
_WHOLE = re.compile(r"[+-]?[0-9]{1,400}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")


def csv_rows(text: str, features: list[dict[str, Any]], most_rows: int = MOST_ROWS) -> Request:
    """Return the rows of a CSV; an empty field is a missing value.

    Fields are parsed as their column's type. A field that isn't of that type stays text, which
    the check of the rows then refuses.

    Raises:
        ProblemError: 400 if the body isn't CSV, 413 if there are too many rows, 422 if the length
            of a row differs from the header's.
    """
    header, *rows = _lines(text, most_rows)
    by_name = {feature["name"]: feature for feature in features}
    readers = {name: _reader(by_name.get(name, {})) for name in header}
    named = named_rows(header, rows)
    return Request(
        [{name: readers[name](value) for name, value in row.items()} for row in named], Shape.ROWS
    )


def _lines(text: str, most_rows: int) -> list[list[str]]:
    """Return the lines that aren't blank, header first."""
    import csv

    stream = io.StringIO(text, newline="")
    lines: list[list[str]] = []
    try:
        for line in csv.reader(stream, strict=True):
            if line:
                require_few(len(lines), most_rows)
                lines.append(line)
    except csv.Error as error:
        raise ProblemError(400, f"the body isn't CSV: {error}") from error
    if not lines:
        raise ProblemError(400, "the body has no header; the first line must name the columns")
    return lines


def _reader(feature: dict[str, Any]) -> Callable[[str], Any]:
    match feature.get("dtype"):
        case "number" | "integer":
            return _number
        case "boolean":
            return lambda text: {"": None, "true": True, "false": False}.get(text.lower(), text)
        case "datetime":
            return lambda text: text.strip(" ") or None
        case _ if feature.get("nullable"):
            return lambda text: text or None
        case _:
            return str


def _number(text: str) -> Any:
    """Parse a number; Python's `float` also accepts "nan", "1_000" and non-ASCII digits."""
    short = text.strip(" ")
    if not short:
        return None
    if _WHOLE.fullmatch(short):
        return int(short)
    return float(short) if _NUMBER.fullmatch(short) else text

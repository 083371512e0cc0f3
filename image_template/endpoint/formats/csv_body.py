"""`text/csv`, as pandas' `to_csv(index=False)` writes it, with or without a header."""

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


def csv_rows(
    text: str, features: list[dict[str, Any]], most_rows: int = MOST_ROWS, header: str = ""
) -> Request:
    """Return the rows of a CSV; an empty field is a missing value.

    Fields are parsed as their column's type. A field that isn't of that type stays text, which
    the check of the rows then refuses.

    Args:
        text: the body.
        features: the model's columns.
        most_rows: the most rows that are allowed.
        header: "present" or "absent", the parameter of RFC 4180; anything else leaves it open.

    Raises:
        ProblemError: 400 if the body isn't CSV, 413 if there are too many rows, 422 if the length
            of a row differs from the first line's, or if there is no header where one is needed.
    """
    lines = _lines(text, most_rows)
    names = [feature["name"] for feature in features]
    by_name = {feature["name"]: feature for feature in features}
    columns = header_of(lines[0], features, header)
    if columns is None:
        columns, rows = names, lines
        require_few(len(rows), most_rows)
    else:
        rows = lines[1:]
    readers = {name: reader_of(by_name.get(name, {})) for name in columns}
    named = named_rows(columns, rows)
    return Request(
        [{name: readers[name](value) for name, value in row.items()} for row in named], Shape.ROWS
    )


def header_of(
    line: list[str], features: list[dict[str, Any]], header: str = ""
) -> list[str] | None:
    """Return the names of the columns, or None if the first line is a row.

    Raises:
        ProblemError: 422 if it is neither for sure.
    """
    names = [feature["name"] for feature in features]
    if header == "absent":
        return None
    if header == "present" or not set(line).isdisjoint(names):
        return line
    from endpoint.formats.headers import is_row, require_header

    if is_row(line, features, [reader_of(feature) for feature in features]):
        return None
    require_header(line, names)
    return line


def _lines(text: str, most_rows: int) -> list[list[str]]:
    """Return the lines that aren't blank."""
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
        raise ProblemError(400, "the CSV has no header and no rows; its lines are empty")
    return lines


def reader_of(feature: dict[str, Any]) -> Callable[[str], Any]:
    """Return the function that parses a column's fields; {} for a column that the model lacks."""
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

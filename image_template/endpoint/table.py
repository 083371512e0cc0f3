"""From rows as they were sent to rows that fit the model, or to what is wrong with them."""

import math
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Any

from endpoint.problem import ProblemError, kind_of

MOST_ROWS = 10_000
_MOST_ERRORS = 20
_SHOWN = 40
_LARGEST = 3.4028234663852886e38
"""The largest 32-bit float: trees compute in 32 bits and refuse more as infinite."""

Feature = dict[str, Any]
Rows = list[list[Any]]
Finding = dict[str, Any]
Check = Callable[[Any, Feature], str]


def checked(
    rows: list[Any], features: list[Feature], most_rows: int = MOST_ROWS
) -> tuple[Rows, list[Finding]]:
    """Return rows as lists of values in the order of training, and what is strange about them.

    Strange is what training saw nothing like, where a model only guesses: numbers outside its
    range, categories that weren't there. The first 20 are told.

    Args:
        rows: each a list in that order, or an object by column names; of a model with one column
            of text also the text alone.
        features: the model's columns.
        most_rows: how many are taken.

    Raises:
        ProblemError: 413 for too many rows, 422 for what doesn't fit the model.
    """
    if not rows:
        raise ProblemError(422, "there is no row in the request")
    require_few(len(rows), most_rows)
    if len(rows) == 1 and _usual(rows[0], features):
        return rows, []
    errors: list[Finding] = []
    warnings: list[Finding] = []
    table = _lists(rows, features, errors)
    if not errors:
        for feature, column in zip(features, zip(*table, strict=True), strict=True):
            known = _bounds_of(column, feature)
            if known is None:
                errors += islice(_column_errors(column, feature), _MOST_ERRORS)
            if known is None or not _inside(known, feature):
                warnings += islice(_strange(column, feature), _MOST_ERRORS)
    if errors:
        raise _refused(errors)
    return table, sorted(warnings, key=_row_of)[:_MOST_ERRORS]


def require_few(count: int, most_rows: int) -> None:
    """Refuse too many rows; formats ask before they build any, for a row is many times its text.

    Raises:
        ProblemError: 413.
    """
    if count > most_rows:
        raise ProblemError(413, f"too many rows: at most {most_rows} fit in one request")


def _usual(row: Any, features: list[Feature]) -> bool:
    """Tell whether a row is a list of numbers as training saw them, which is quickly seen."""
    if type(row) is not list or len(row) != len(features):
        return False
    for value, feature in zip(row, features, strict=True):
        low, high = feature.get("minimum"), feature.get("maximum")
        if feature["dtype"] != "number" or type(value) not in _NUMBERS:
            return False
        if low is None or high is None:
            return False
        # A NaN compares as false.
        if not -_LARGEST <= low <= value <= high <= _LARGEST:
            return False
    return True


def _row_of(finding: Finding) -> int:
    return int(finding["row"])


def _lists(rows: list[Any], features: list[Feature], errors: list[Finding]) -> Rows:
    """Return the rows' values in the order of training; findings go to `errors`.

    After 20 of them it ends: nobody is told of more, and a small body could make millions.
    """
    if set(map(type, rows)) == {list} and set(map(len, rows)) == {len(features)}:
        return rows
    names = dict.fromkeys(feature["name"] for feature in features)
    table = []
    for number, row in enumerate(rows):
        table.append(_row(number, row, names, errors))
        if len(errors) >= _MOST_ERRORS:
            break
    return table


def _row(number: int, row: Any, names: Collection[str], errors: list[Finding]) -> list[Any]:
    """Return a row's values in the order of training; findings go to `errors`."""
    match row:
        case list() if len(row) == len(names):
            return row
        case list():
            errors.append(_error(number, f"{len(names)} values", str(len(row))))
        case dict():
            if len(row) == len(names):
                try:
                    return [row[name] for name in names]
                except KeyError:
                    pass
            errors.extend(islice(_columns(number, row, names), _MOST_ERRORS))
        case str() if len(names) == 1:
            return [row]
        case _:
            wanted = f"a list of {len(names)} values, or an object"
            errors.append(_error(number, wanted, kind_of(row)))
    return []


_NUMBERS = {int, float}


def _bounds_of(column: Sequence[Any], feature: Feature) -> tuple[float, float] | None:
    """Return the least and the greatest of a column of numbers that is fine; None for others.

    Those need a closer look, value by value.
    """
    if feature["dtype"] != "number" or not set(map(type, column)) <= _NUMBERS:
        return None
    low, high = min(column), max(column)
    # The sum tells a NaN, which only a direct invoke can send: `min` and `max` may not.
    fine = low >= -_LARGEST and high <= _LARGEST and not math.isnan(sum(column))
    return (low, high) if fine else None


def _inside(bounds: tuple[float, float], feature: Feature) -> bool:
    """Tell whether training saw numbers as small and as great."""
    low, high = feature.get("minimum"), feature.get("maximum")
    return low is None or high is None or bool(low <= bounds[0] and bounds[1] <= high)


def _column_errors(column: Sequence[Any], feature: Feature) -> Iterator[Finding]:
    check, nullable = _CHECKS[feature["dtype"]], feature.get("nullable")
    for number, value in enumerate(column):
        if not (value is None and nullable) and (expected := check(value, feature)):
            yield _error(number, expected, shown(value), feature["name"])


def _refused(errors: list[Finding]) -> ProblemError:
    """Return what is told of the findings: the first in words, the first 20 as data."""
    errors.sort(key=_row_of)
    first = errors[0]
    where = f"row {first['row']}" + (f", {first['column']!r}" if "column" in first else "")
    detail = f"{where}: expected {first['expected']}, got {first['got']}"
    return ProblemError(422, detail, errors[:_MOST_ERRORS])


def _strange(column: Sequence[Any], feature: Feature) -> Iterator[Finding]:
    """Yield a warning for each value of a column that training saw nothing like."""
    if "minimum" in feature:
        low, high = feature["minimum"], feature["maximum"]
        detail = f"outside {low:g} to {high:g}, the range of training"
        for number, value in enumerate(column):
            if isinstance(value, int | float) and not low <= value <= high:
                yield _warning(number, feature["name"], detail)
        return
    known = set(feature.get("categories", ()))
    for number, value in enumerate(column):
        if known and isinstance(value, str) and value not in known:
            yield _warning(number, feature["name"], f"{shown(value)} wasn't in training")


def _warning(row: int, column: str, detail: str) -> Finding:
    return {"row": row, "column": column, "detail": detail}


def _columns(number: int, row: dict[str, Any], names: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for each column that is missing or unknown."""
    for name in names:
        if name not in row:
            yield _error(number, "a value", "nothing", name)
    for name in row:
        if name not in names:
            yield _error(number, "a known column", "this one", cut(name))


def _error(row: int, expected: str, got: str, column: str | None = None) -> Finding:
    where = {"row": row} if column is None else {"row": row, "column": column}
    return {**where, "expected": expected, "got": got}


def _number(value: Any, _feature: Feature) -> str:
    """Say what was expected, or "" where the value will do. A boolean is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "a number"
    # Python compares an integer of any length with a float; NaN compares as false.
    return "" if -_LARGEST <= value <= _LARGEST else "a number of at most 3.4e38"


def _integer(value: Any, feature: Feature) -> str:
    wrong = _number(value, feature)
    if wrong:
        return wrong
    if isinstance(value, float) and not value.is_integer():
        return "a whole number"
    low, high = _bounds(feature.get("storage", "int64"))
    return "" if low <= value <= high else f"a whole number from {low} to {high}"


@cache
def _bounds(storage: str) -> tuple[int, int]:
    """Return what "int64", "UInt8" and their like can hold."""
    bits = int(re.sub(r"\D", "", storage) or 64)
    if storage.lower().startswith("u"):
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _string(value: Any, feature: Feature) -> str:
    """Check a string; `closed` says that the model fails on a category it hasn't seen."""
    if not isinstance(value, str) or not is_unicode(value):
        return "a string"
    if feature.get("closed") and value not in feature["categories"]:
        known = feature["categories"]
        more = ", …" if len(known) > _MOST_ERRORS else ""
        return "one of " + ", ".join(map(repr, known[:_MOST_ERRORS])) + more
    return ""


def is_unicode(text: str) -> bool:
    """Tell whether there is no half of a surrogate pair, which JSON can escape, in a text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _boolean(value: Any, _feature: Feature) -> str:
    return "" if isinstance(value, bool) else "true or false"


_CHECKS: dict[str, Check] = {
    "number": _number,
    "integer": _integer,
    "string": _string,
    "boolean": _boolean,
}


def shown(value: Any) -> str:
    """Return a value for a message, short; a long integer is never written out."""
    match value:
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case float():
            return repr(value)
        case str():
            return repr(cut(value))
        case _:
            return kind_of(value)


def cut(text: str) -> str:
    """Return a client's text for a message: short, and fit for UTF-8."""
    short = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    return short.encode("utf-8", "replace").decode()

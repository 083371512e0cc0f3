"""From rows as they were sent to rows that fit the model, or to what is wrong with them."""

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from endpoint.columns import CHECKS, MOST_ERRORS, Feature, cut, least_and_most, shown
from endpoint.dates import moment_of
from endpoint.problem import ProblemError, kind_of

MOST_ROWS = 10_000

Rows = list[list[Any]]
Finding = dict[str, Any]


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
                errors += islice(_column_errors(column, feature), MOST_ERRORS)
            if known is None or not _inside(known, feature):
                warnings += islice(_strange(column, feature), MOST_ERRORS)
    if errors:
        raise _refused(errors)
    return table, sorted(warnings, key=_row_of)[:MOST_ERRORS]


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
        if type(value) not in _EXPECTED.get(feature["dtype"], set()) or low is None or high is None:
            return False
        # A NaN compares as false.
        if not low <= value <= high:
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
        if len(errors) >= MOST_ERRORS:
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
            errors.extend(islice(_columns(number, row, names), MOST_ERRORS))
        case str() if len(names) == 1:
            return [row]
        case _:
            wanted = f"a list of {len(names)} values, or an object"
            errors.append(_error(number, wanted, kind_of(row)))
    return []


_NUMBERS = {int, float}
_EXPECTED: dict[str, set[type]] = {"number": _NUMBERS, "integer": {int}}
"""Types of which a column needs no look at each value. A boolean's type is another."""


def _bounds_of(column: Sequence[Any], feature: Feature) -> tuple[float, float] | None:
    """Return the least and the greatest of a column of numbers that is fine; None for others.

    Those need a closer look, value by value.
    """
    if feature.get("closed") or not set(map(type, column)) <= _EXPECTED.get(
        feature["dtype"], set()
    ):
        return None
    low, high = min(column), max(column)
    least, most = least_and_most(feature)
    # The sum tells a NaN, which only a direct invoke can send: `min` and `max` may not.
    fine = low >= least and high <= most and not math.isnan(sum(column))
    return (low, high) if fine else None


def _inside(bounds: tuple[float, float], feature: Feature) -> bool:
    """Tell whether training saw numbers as small and as great."""
    low, high = feature.get("minimum"), feature.get("maximum")
    return low is None or high is None or bool(low <= bounds[0] and bounds[1] <= high)


def _column_errors(column: Sequence[Any], feature: Feature) -> Iterator[Finding]:
    check, nullable = CHECKS[feature["dtype"]], feature.get("nullable")
    for number, value in enumerate(column):
        if not (value is None and nullable) and (expected := check(value, feature)):
            yield _error(number, expected, shown(value), feature["name"])


def _refused(errors: list[Finding]) -> ProblemError:
    """Return what is told of the findings: the first in words, the first 20 as data."""
    errors.sort(key=_row_of)
    first = errors[0]
    where = f"row {first['row']}" + (f", {first['column']!r}" if "column" in first else "")
    detail = f"{where}: expected {first['expected']}, got {first['got']}"
    return ProblemError(422, detail, errors[:MOST_ERRORS])


def _strange(column: Sequence[Any], feature: Feature) -> Iterator[Finding]:
    """Yield a warning for each value of a column that training saw nothing like."""
    if feature["dtype"] == "datetime":
        yield from _strange_dates(column, feature)
        return
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


def _strange_dates(column: Sequence[Any], feature: Feature) -> Iterator[Finding]:
    first, last = (moment_of(feature.get(key, "")) for key in ("minimum", "maximum"))
    for number, value in enumerate(column):
        moment = moment_of(value) if isinstance(value, str) else None
        if moment is None or first is None or last is None:
            continue
        try:
            inside = first <= moment <= last
        except TypeError:
            continue  # it has been refused: one has an offset, the other none
        if not inside:
            detail = f"outside {feature['minimum']} to {feature['maximum']}, the range of training"
            yield _warning(number, feature["name"], detail)


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

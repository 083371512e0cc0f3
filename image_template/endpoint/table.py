"""From rows as they were sent to rows that fit the model, or to what is wrong with them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from endpoint.checks import NUMBERS, check_of, range_of_numbers
from endpoint.dates import DateError, instant
from endpoint.known import Feature, key_of, membership, stored
from endpoint.problem import ProblemError, kind_of

MOST_ROWS = 10_000
_MOST_ERRORS = 20
_SHOWN = 40
_LONGEST = 2**64

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
            known = range_of_numbers(column, feature)
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
    """Tell whether a row is a list of numbers as training saw them, which is quickly seen.

    Training's own range is within what the column can hold, so no other limit is looked at.
    """
    if type(row) is not list or len(row) != len(features):
        return False
    for value, feature in zip(row, features, strict=True):
        if type(value) not in _USUAL[feature["dtype"]]:
            return False
        low = feature.get("minimum")
        # A NaN compares as false.
        if low is None or not low <= value <= feature["maximum"] or feature.get("closed"):
            return False
    return True


_USUAL: dict[str, Collection[type]] = {
    "number": NUMBERS,
    "integer": {int},
    **dict.fromkeys(("boolean", "string", "datetime"), ()),
}


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


def _inside(bounds: tuple[float, float], feature: Feature) -> bool:
    """Tell whether training saw numbers as small and as great."""
    low, high = feature.get("minimum"), feature.get("maximum")
    return low is None or high is None or bool(low <= bounds[0] and bounds[1] <= high)


def _column_errors(column: Sequence[Any], feature: Feature) -> Iterator[Finding]:
    check, nullable = check_of(feature), feature.get("nullable")
    for number, value in enumerate(column):
        if not (value is None and nullable) and (expected := check(value)):
            yield _error(number, expected, _got(value, feature), feature["name"])


def _got(value: Any, feature: Feature) -> str:
    """Return a value for a message; of a closed column also an integer, if 64 bits hold it."""
    if feature.get("closed") and type(value) is int and abs(value) <= _LONGEST:
        return str(value)
    return shown(value)


def _refused(errors: list[Finding]) -> ProblemError:
    """Return what is told of the findings: the first in words, the first 20 as data."""
    errors.sort(key=_row_of)
    first = errors[0]
    where = f"row {first['row']}" + (f", {first['column']!r}" if "column" in first else "")
    detail = f"{where}: expected {first['expected']}, got {first['got']}"
    return ProblemError(422, detail, errors[:_MOST_ERRORS])


def _strange(column: Sequence[Any], feature: Feature) -> Iterator[Finding]:
    """Yield a warning for each value of a column that training saw nothing like."""
    strangeness = _strangeness_of(feature)
    for number, value in enumerate(column):
        if value is not None and (detail := strangeness(value)):
            yield _warning(number, feature["name"], detail)


def _strangeness_of(feature: Feature) -> Callable[[Any], str]:
    """Return what says why a value is strange; it says nothing of values of a wrong type."""
    match feature:
        case {"closed": True}:
            return lambda _value: ""
        case {"dtype": "datetime", "minimum": low, "maximum": high}:
            return _outside_times(low, high, stored(feature))
        case {"minimum": low, "maximum": high}:
            return _outside_numbers(low, high, key_of(feature))
        case {"categories": known} if known:
            is_known = membership(feature)
            return lambda value: (
                f"{shown(value)} wasn't in training"
                if isinstance(value, str) and not is_known(value)
                else ""
            )
        case _:
            return lambda _value: ""


def _outside_numbers(low: float, high: float, key: Callable[[Any], Any]) -> Callable[[Any], str]:
    outside = _outside(low, high)

    def strangeness(value: Any) -> str:
        if not isinstance(value, int | float) or low <= value <= high:
            return ""
        try:
            # 0.1 as a 32-bit float is another number than 0.1, and the table holds the former.
            return "" if low <= key(value) <= high else outside
        except OverflowError:
            return outside

    return strangeness


def _outside_times(low: str, high: str, storage: str) -> Callable[[Any], str]:
    first, last = instant(low, storage), instant(high, storage)

    def strangeness(value: Any) -> str:
        try:
            inside = first <= instant(value, storage) <= last
        except DateError:
            return ""
        return "" if inside else _outside(low, high)

    return strangeness


def _outside(low: Any, high: Any) -> str:
    return f"outside {span(low, high)}, the rounded range of training"


def span(low: Any, high: Any) -> str:
    """Return a range in words; whole numbers and times in full."""
    return " to ".join(f"{one:g}" if isinstance(one, float) else str(one) for one in (low, high))


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

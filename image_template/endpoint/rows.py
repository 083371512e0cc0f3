"""Checks the rows of a request against the model's columns."""

from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice
from typing import Any

from endpoint.column_checks import NUMBERS, check_of, range_of_numbers
from endpoint.dates import DateError, instant
from endpoint.features import Feature, key_of, membership, stored
from endpoint.problem import Finding, ProblemError, finding, kind_of, shown

MOST_ROWS = 10_000
MOST_ERRORS = 20
_LONGEST = 2**64

Rows = list[list[Any]]


def checked(
    rows: list[Any], features: list[Feature], most_rows: int = MOST_ROWS, *, extra: bool = False
) -> tuple[Rows, list[Finding]]:
    """Return rows as lists of values in the order of training, and at most 20 warnings.

    A warning names a value unlike the training data, for which the model only guesses: a number
    outside the training range, or an unknown category.

    Args:
        rows: lists in the order of training, or objects with the columns' names as keys; for a
            model with a single text column, also texts.
        features: the model's columns.
        most_rows: the most rows that are allowed.
        extra: whether objects may have columns that the model doesn't have; they are ignored.

    Raises:
        ProblemError: 413 if there are too many rows, 422 if rows don't fit the model.
    """
    if not rows:
        raise ProblemError(422, "the request has no rows")
    require_few(len(rows), most_rows)
    if len(rows) == 1 and _usual(rows[0], features):
        return rows, []
    errors: list[Finding] = []
    warnings: list[Finding] = []
    table = _lists(rows, features, errors, extra=extra)
    if not errors:
        for feature, column in zip(features, zip(*table, strict=True), strict=True):
            known = range_of_numbers(column, feature)
            if known is None:
                errors += islice(_column_errors(column, feature), MOST_ERRORS)
            if known is None or not inside(known, feature):
                warnings += islice(_strange(column, feature), MOST_ERRORS)
    if errors:
        raise refused(errors)
    return table, sorted(warnings, key=_row_of)[:MOST_ERRORS]


def require_few(count: int, most_rows: int) -> None:
    """Refuse too many rows. Formats call this before they build rows, which take far more memory.

    Raises:
        ProblemError: 413.
    """
    if count > most_rows:
        raise ProblemError(413, f"too many rows; at most {most_rows} are allowed in one request")


def _usual(row: Any, features: list[Feature]) -> bool:
    """Return whether a row is a list of numbers within the training ranges. This is the fast path.

    The training range is within the column's limits, so no other check is needed.
    """
    if type(row) is not list or len(row) != len(features):
        return False
    for value, feature in zip(row, features, strict=True):
        if type(value) not in _USUAL[feature["dtype"]]:
            return False
        low = feature.get("minimum")
        # Any comparison with NaN is false.
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


def _lists(rows: list[Any], features: list[Feature], errors: list[Finding], *, extra: bool) -> Rows:
    """Return the rows' values in the order of training, and append findings to `errors`.

    It stops after 20 findings: no more are reported, and a small body could cause millions. Of
    rows with the same wrong names only the first is reported: a CSV's header is wrong in all rows.
    """
    if set(map(type, rows)) == {list} and set(map(len, rows)) == {len(features)}:
        return rows
    names = dict.fromkeys(feature["name"] for feature in features)
    table = []
    wrong: Collection[str] = ()
    for number, row in enumerate(rows):
        if errors and isinstance(row, dict) and row.keys() == wrong:
            continue
        before = len(errors)
        table.append(values_of(number, row, names, errors, extra=extra))
        if len(errors) > before and isinstance(row, dict):
            wrong = row.keys()
        if len(errors) >= MOST_ERRORS:
            break
    return table


def values_of(
    number: int, row: Any, names: Collection[str], errors: list[Finding], *, extra: bool
) -> list[Any]:
    """Return a row's values in the order of training, and append findings to `errors`."""
    match row:
        case list() if len(row) == len(names):
            return row
        case list():
            errors.append(finding(number, f"{len(names)} values", str(len(row))))
        case dict():
            if len(row) == len(names) or extra:
                try:
                    return [row[name] for name in names]
                except KeyError:
                    pass
            from endpoint.column_names import findings

            found = findings(number, row, names, extra=extra, first=not errors)
            errors.extend(islice(found, MOST_ERRORS))
        case str() | int() | float() if len(names) == 1:
            return [row]
        case _:
            wanted = f"a list of {len(names)} values, or an object"
            errors.append(finding(number, wanted, kind_of(row)))
    return []


def inside(bounds: tuple[float, float], feature: Feature) -> bool:
    """Return whether a range of values is inside the training range."""
    low, high = feature.get("minimum"), feature.get("maximum")
    return low is None or high is None or bool(low <= bounds[0] and bounds[1] <= high)


def _column_errors(column: Sequence[Any], feature: Feature) -> Iterator[Finding]:
    check, nullable = check_of(feature), feature.get("nullable")
    for number, value in enumerate(column):
        if not (value is None and nullable) and (expected := check(value)):
            yield finding(number, expected, got(value, feature), feature["name"])


def got(value: Any, feature: Feature) -> str:
    """Return a value for a message; for a closed column, including integers of up to 64 bits."""
    if feature.get("closed") and type(value) is int and abs(value) <= _LONGEST:
        return str(value)
    return shown(value)


def refused(errors: list[Finding]) -> ProblemError:
    """Return the error for findings: the first as a sentence, the first 20 as objects."""
    errors.sort(key=_row_of)
    first = errors[0]
    where = f"row {first['row']}" + (f", {first['column']!r}" if "column" in first else "")
    detail = f"{where}: expected {first['expected']}, got {first['got']}"
    return ProblemError(422, detail, errors[:MOST_ERRORS])


def _strange(column: Sequence[Any], feature: Feature) -> Iterator[Finding]:
    """Yield a warning for each value of a column that is unlike the training data."""
    strangeness = strangeness_of(feature)
    for number, value in enumerate(column):
        if value is not None and (detail := strangeness(value)):
            yield _warning(number, feature["name"], detail)


def strangeness_of(feature: Feature) -> Callable[[Any], str]:
    """Return the function that says why a value is strange, or "", also for a wrong type."""
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
                f"{shown(value)} wasn't in the training data"
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
            # The table holds 32-bit floats, and 0.1 as a 32-bit float differs from 0.1.
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
    return f"outside {span(low, high)}, the rounded range of the training data"


def span(low: Any, high: Any) -> str:
    """Return a range as text; whole numbers and times in full."""
    return " to ".join(f"{end:g}" if isinstance(end, float) else str(end) for end in (low, high))


def _warning(row: int, column: str, detail: str) -> Finding:
    return {"row": row, "column": column, "detail": detail}

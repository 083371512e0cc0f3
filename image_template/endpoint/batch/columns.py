"""Checks whole columns, with the same results as `endpoint.rows` for single requests.

Fields of a CSV and values of JSON become the values that a request with this row would give the
model. Numbers are read and checked in bulk; each other field once, however often it occurs.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from endpoint.column_checks import check_of, limits, range_of_numbers
from endpoint.features import Feature
from endpoint.formats.csv_body import reader_of
from endpoint.rows import got, inside, strangeness_of

_FLOAT = re.compile(r"[0-9+\-.eE\n]*")
_INTEGER = re.compile(r"[0-9+\-\n]*")
_DTYPE = re.compile(r"float(16|32|64)")
_LONGEST = 400
"""Digits; Python refuses integers of more than 4,300."""
_MOST_KNOWN = 20_000
_EXACT = 2**53 - 1


@dataclass
class Checked:
    """A column of a block of rows.

    Attributes:
        values: one per row; those with an error are meaningless.
        errors: reasons by position.
        strange: positions of values unlike the training data.
    """

    values: list[Any]
    errors: dict[int, str] = field(default_factory=dict)
    strange: list[int] = field(default_factory=list)


Column = Callable[[Sequence[Any]], Checked]


class Values:
    """Checks the values of a column one by one, equal ones once.

    Args:
        feature: the column.
        read: returns the value of what stands in the file.
    """

    def __init__(self, feature: Feature, read: Callable[[Any], Any]) -> None:
        self._feature, self._read = feature, read
        self._check, self._strangeness = check_of(feature), strangeness_of(feature)
        self._known: dict[Any, tuple[Any, str, bool]] = {}

    def __call__(self, column: Sequence[Any]) -> Checked:
        """Return the values."""
        if not set(map(type, column)) <= _HASHABLE:
            return self._joined([self._judged(one) for one in column])
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        known = self._known
        texts = set(column)
        for text in texts - known.keys():
            known[text] = self._judged(text)
        if not any(known[text][1] or known[text][2] for text in texts):
            return Checked([known[text][0] for text in column])
        return self._joined([known[text] for text in column])

    def one(self, text: Any) -> tuple[Any, str, bool]:
        """Return the value, the reason why it doesn't fit or "", and whether it is strange."""
        return self._judged(text)

    def _judged(self, text: Any) -> tuple[Any, str, bool]:
        value, feature = self._read(text), self._feature
        if value is None and feature.get("nullable"):
            return None, "", False
        if expected := self._check(value):
            reason = f"{feature['name']!r}: expected {expected}, got {got(value, feature)}"
            return value, reason, False
        return value, "", value is not None and bool(self._strangeness(value))

    def _joined(self, judged: list[tuple[Any, str, bool]]) -> Checked:
        values, reasons, strange = zip(*judged, strict=True)
        return Checked(
            list(values),
            {place: reason for place, reason in enumerate(reasons) if reason}
            if any(reasons)
            else {},
            [place for place, one in enumerate(strange) if one] if any(strange) else [],
        )


_HASHABLE = {str, bool, type(None)}
"""Types of which equal values are the same value; 1, 1.0 and True are equal, too."""


def of_texts(feature: Feature) -> Column:
    """Return the function that reads the fields of a CSV's column."""
    slow = Values(feature, reader_of(feature))
    if feature.get("closed"):
        return slow
    storage = str(feature.get("storage", "float64"))
    match feature["dtype"]:
        # Other dtypes keep Python's numbers, and 5 isn't 5.0 there.
        case "number" if _DTYPE.fullmatch(storage):
            return lambda column: _floats(column, feature) or slow(column)
        case "integer":
            return lambda column: _integers(column, feature) or slow(column)
        case _:
            return slow


def of_values(feature: Feature) -> Column:
    """Return the function that checks a column of JSON values."""
    slow = Values(feature, lambda value: value)

    nullable = feature.get("nullable")

    def values(column: Sequence[Any]) -> Checked:
        missing = nullable and None in column
        present = [value for value in column if value is not None] if missing else column
        known = range_of_numbers(present, feature) if present else None
        if known is not None and inside(known, feature):
            return Checked(list(column))
        return slow(column)

    return values


def _floats(column: Sequence[str], feature: Feature) -> Checked | None:
    """Read numbers as `float` does; None if a field isn't a number within the limits."""
    missing = [place for place, text in enumerate(column) if not text] if "" in column else []
    if not _FLOAT.fullmatch("\n".join(column)) or (missing and not feature.get("nullable")):
        return None
    try:
        values: list[Any] = [float(text or "nan") for text in column]
    except ValueError:
        return None
    numbers = np.array(values)
    known = numbers[~np.isnan(numbers)] if missing else numbers
    if not known.size:
        return None
    least, most = bounds = float(known.min()), float(known.max())
    low, high = limits(feature)
    # Beyond this, a whole number may differ from its float.
    if not (max(low, -_EXACT) <= least and most <= min(high, _EXACT)):
        return None
    for place in missing:
        values[place] = None
    return Checked(values, {}, [] if inside(bounds, feature) else _strange(numbers, feature))


def _integers(column: Sequence[str], feature: Feature) -> Checked | None:
    """Read whole numbers; None if a field isn't one within the limits."""
    present = [text for text in column if text] if "" in column else column
    few = len(present) < len(column)
    if not present or (few and not feature.get("nullable")):
        return None
    if not _INTEGER.fullmatch("\n".join(present)) or max(map(len, present)) > _LONGEST:
        return None
    try:
        known = list(map(int, present))
    except ValueError:
        return None
    bounds = min(known), max(known)
    low, high = limits(feature)
    if not (low <= bounds[0] and bounds[1] <= high):
        return None
    values = [int(text) if text else None for text in column] if few else known
    if inside(bounds, feature):
        return Checked(values)
    first, last = feature["minimum"], feature["maximum"]
    outside = (n for n, one in enumerate(values) if one is not None and not first <= one <= last)
    return Checked(values, {}, list(outside))


def _strange(numbers: Any, feature: Feature) -> list[int]:
    """Return where numbers are outside the training range. NaN, which is missing, is not."""
    first, last = feature["minimum"], feature["maximum"]
    outside = (numbers < first) | (numbers > last)
    storage = str(feature.get("storage", "float64"))
    if storage != "float64":
        # 0.1 as a 32-bit float differs from 0.1.
        with np.errstate(over="ignore"):
            rounded = numbers.astype(storage).astype("float64")
        outside &= (rounded < first) | (rounded > last)
    found: list[int] = np.flatnonzero(outside).tolist()
    return found

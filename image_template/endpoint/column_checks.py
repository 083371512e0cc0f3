"""Checks of a request's values, one per type of column.

A check returns what was expected, or "" if the value fits its column.
"""

import json
import math
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from endpoint.dates import DateError, instant
from endpoint.features import Feature, allowed, membership, stored

Check = Callable[[Any], str]
NUMBERS = {int, float}
_LARGEST = 3.4028234663852886e38
"""The largest 32-bit float. Trees compute in 32 bits and refuse larger values as infinite."""
_LARGEST_HALF = 65504.0
_EXACT = 2**53
"""From here on, a float may differ from the whole number that the request contained."""
_LISTED = 20
_UNLISTED = "one of the values in the training data (not listed)"


def check_of(feature: Feature) -> Check:
    """Return the check of a column's values. The caller handles `null`."""
    check = _CHECKS[feature["dtype"]](feature)
    if not feature.get("closed") or "categories" not in feature:
        return check
    is_known, listed = membership(feature), feature.get("listed", True)
    expected = _listed(allowed(feature)) if listed else _UNLISTED
    return lambda value: check(value) or ("" if is_known(value) else expected)


def _listed(known: Sequence[Any]) -> str:
    """Return the first 20 known values for a message."""
    shown = (
        repr(value) if isinstance(value, str) else json.dumps(value) for value in known[:_LISTED]
    )
    return "one of " + ", ".join(shown) + (", …" if len(known) > _LISTED else "")


def limits(feature: Feature) -> tuple[float, float]:
    """Return the least and the greatest number that a column's storage allows."""
    if feature["dtype"] == "integer":
        return bounds(stored(feature))
    most = _LARGEST
    match stored(feature).lower():
        case "float16":
            most = _LARGEST_HALF
        case "float32":
            pass
        case _ if feature.get("minimum") is not None:
            most = max(most, abs(feature["minimum"]), abs(feature["maximum"]))
    return -most, most


@cache
def bounds(storage: str) -> tuple[int, int]:
    """Return the range of an integer dtype such as "int64" or "UInt8"."""
    bits = int(re.sub(r"\D", "", storage) or 64)
    if storage.lower().startswith("u"):
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def range_of_numbers(column: Sequence[Any], feature: Feature) -> tuple[float, float] | None:
    """Return the least and the greatest value if all values are valid numbers, else None.

    The caller then checks the values one by one.
    """
    types = _PLAIN.get(feature["dtype"])
    if types is None or feature.get("closed") or not set(map(type, column)) <= types:
        return None
    low, high = min(column), max(column)
    least, most = feature.get("minimum"), feature.get("maximum")
    # The training range is within the limits, which take longer to compute.
    if least is None or most is None or not (least <= low and high <= most):
        least, most = limits(feature)
    # Only a direct invoke can send a NaN. The sum shows it; `min` and `max` may not.
    fine = low >= least and high <= most and (types is _WHOLE or not math.isnan(sum(column)))
    return (low, high) if fine else None


_WHOLE: set[type] = {int}
_PLAIN: dict[str, set[type]] = {"number": NUMBERS, "integer": _WHOLE}


def _number(feature: Feature) -> Check:
    low, high = limits(feature)
    most = f"{high:g}" if high == _LARGEST_HALF else f"{high:.2g}".replace("e+", "e")
    expected = f"a number of at most {most}"

    def check(value: Any) -> str:
        # In Python a boolean is an int.
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "a number"
        # Python compares integers of any length with floats. Any comparison with NaN is false.
        return "" if low <= value <= high else expected

    return check


def _integer(feature: Feature) -> Check:
    low, high = bounds(stored(feature))

    def check(value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "a number"
        if isinstance(value, float):
            if not value.is_integer():
                return "a whole number"
            if abs(value) >= _EXACT:
                return "a whole number without decimal point or exponent, because it is over 2**53"
        return "" if low <= value <= high else f"a whole number from {low} to {high}"

    return check


def _string(_feature: Feature) -> Check:
    return lambda value: "" if isinstance(value, str) and is_unicode(value) else "a string"


def is_unicode(text: str) -> bool:
    """Return whether a text has no unpaired surrogate, which JSON can contain as an escape."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _boolean(_feature: Feature) -> Check:
    return lambda value: "" if isinstance(value, bool) else "true or false"


def _datetime(feature: Feature) -> Check:
    storage = stored(feature)

    def check(value: Any) -> str:
        try:
            instant(value, storage)
        except DateError as error:
            return str(error)
        return ""

    return check


_CHECKS: dict[str, Callable[[Feature], Check]] = {
    "number": _number,
    "integer": _integer,
    "string": _string,
    "boolean": _boolean,
    "datetime": _datetime,
}

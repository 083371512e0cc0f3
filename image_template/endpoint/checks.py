"""Whether a value of a request fits its column: a check for each type of column.

A check returns what was expected, or "" for a value that fits.
"""

import json
import math
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from endpoint.dates import DateError, instant
from endpoint.known import Feature, allowed, membership, stored

Check = Callable[[Any], str]
NUMBERS = {int, float}
_LARGEST = 3.4028234663852886e38
"""The largest 32-bit float: trees compute in 32 bits and refuse more as infinite."""
_LARGEST_HALF = 65504.0
_EXACT = 2**53
"""From here on a float may stand for another whole number than the one that was written."""
_LISTED = 20
UNLISTED = "one of the values of training (they aren't listed)"


def check_of(feature: Feature) -> Check:
    """Return the check of a column's values; `null` is the caller's to judge."""
    check = _CHECKS[feature["dtype"]](feature)
    if not feature.get("closed") or "categories" not in feature:
        return check
    is_known, listed = membership(feature), feature.get("listed", True)
    expected = _listed(allowed(feature)) if listed else UNLISTED
    return lambda value: check(value) or ("" if is_known(value) else expected)


def _listed(known: Sequence[Any]) -> str:
    """Return the known values for a message, the first 20 of them."""
    shown = (repr(one) if isinstance(one, str) else json.dumps(one) for one in known[:_LISTED])
    return "one of " + ", ".join(shown) + (", …" if len(known) > _LISTED else "")


def limits(feature: Feature) -> tuple[float, float]:
    """Return the least and the greatest number that a column takes, by its storage."""
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
    """Return what "int64", "UInt8" and their like can hold."""
    bits = int(re.sub(r"\D", "", storage) or 64)
    if storage.lower().startswith("u"):
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def range_of_numbers(column: Sequence[Any], feature: Feature) -> tuple[float, float] | None:
    """Return the least and the greatest of a column of numbers that is fine; None for others.

    Those need a closer look, value by value.
    """
    types = _PLAIN.get(feature["dtype"])
    if types is None or feature.get("closed") or not set(map(type, column)) <= types:
        return None
    low, high = min(column), max(column)
    least, most = feature.get("minimum"), feature.get("maximum")
    # Training's own range is within the limits, which take longer to tell.
    if least is None or most is None or not (least <= low and high <= most):
        least, most = limits(feature)
    # The sum tells a NaN, which only a direct invoke can send: `min` and `max` may not.
    fine = low >= least and high <= most and (types is _WHOLE or not math.isnan(sum(column)))
    return (low, high) if fine else None


_WHOLE: set[type] = {int}
_PLAIN: dict[str, set[type]] = {"number": NUMBERS, "integer": _WHOLE}


def _number(feature: Feature) -> Check:
    low, high = limits(feature)
    most = f"{high:g}" if high == _LARGEST_HALF else f"{high:.2g}".replace("e+", "e")
    expected = f"a number of at most {most}"

    def check(value: Any) -> str:
        # A boolean is no number.
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "a number"
        # Python compares an integer of any length with a float; NaN compares as false.
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
                return "a whole number without a decimal point or an exponent, as it is over 2**53"
        return "" if low <= value <= high else f"a whole number from {low} to {high}"

    return check


def _string(_feature: Feature) -> Check:
    return lambda value: "" if isinstance(value, str) and is_unicode(value) else "a string"


def is_unicode(text: str) -> bool:
    """Tell whether there is no half of a surrogate pair, which JSON can escape, in a text."""
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

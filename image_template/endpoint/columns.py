"""The values that a column takes: what is expected, in words, where one won't do."""

import re
from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from endpoint.dates import problem_with
from endpoint.problem import kind_of

Feature = dict[str, Any]
Check = Callable[[Any, Feature], str]
MOST_ERRORS = 20
_SHOWN = 40
_LARGEST = 3.4028234663852886e38
"""The largest 32-bit float: trees compute in 32 bits and refuse more as infinite."""
_LARGEST_OF_16 = 65504.0
_EXACT = 2**53
"""Beyond it a float is not the whole number that was written."""


def least_and_most(feature: Feature) -> tuple[float, float]:
    """Return what a column of numbers takes: what its dtype holds, and trees compute with.

    Where training itself had greater numbers, the model computes with those too.
    """
    if feature["dtype"] == "integer":
        return _bounds(feature.get("storage", "int64"))
    if feature.get("storage") == "float16":
        return -_LARGEST_OF_16, _LARGEST_OF_16
    most = max(_LARGEST, abs(feature.get("minimum", 0)), abs(feature.get("maximum", 0)))
    return -most, most


def _number(value: Any, feature: Feature) -> str:
    """Say what was expected, or "" where the value will do. A boolean is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "a number"
    least, most = least_and_most(feature)
    # Python compares an integer of any length with a float; NaN compares as false.
    if least <= value <= most:
        return _unknown(value, feature)
    return f"a number of at most {_shown_limit(most)}"


def _shown_limit(most: float) -> str:
    return f"{most:g}" if most == _LARGEST_OF_16 else f"{most:.2g}".replace("e+", "e")


def _integer(value: Any, feature: Feature) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "a number"
    if isinstance(value, float) and not value.is_integer():
        return "a whole number"
    if isinstance(value, float) and abs(value) > _EXACT:
        return f"a whole number; above {_EXACT} without a decimal point or exponent"
    low, high = _bounds(feature.get("storage", "int64"))
    if not low <= value <= high:
        return f"a whole number from {low} to {high}"
    return _unknown(value, feature)


def _unknown(value: Any, feature: Feature) -> str:
    """Say which values a closed column takes, or "" for one of them.

    `closed` says that the model fails on a category that it hasn't seen.
    """
    if not feature.get("closed") or value in known_of(feature):
        return ""
    listed = [one for one in feature["categories"] if one in known_of(feature)]
    more = ", …" if len(listed) > MOST_ERRORS else ""
    return "one of " + ", ".join(map(_category, listed[:MOST_ERRORS])) + more


def known_of(feature: Feature) -> Collection[Any]:
    """Return the values that a closed column takes; the model's own columns have them as a set."""
    known: Collection[Any] = feature.get("known") or feature["categories"]
    return known


def _category(value: Any) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)


def _datetime(value: Any, feature: Feature) -> str:
    category = feature.get("storage") == "category"
    storage = feature["category_storage"] if category else feature["storage"]
    return problem_with(value, storage) or _unknown(value, feature)


@cache
def _bounds(storage: str) -> tuple[int, int]:
    """Return what "int64", "UInt8" and their like can hold."""
    bits = int(re.sub(r"\D", "", storage) or 64)
    if storage.lower().startswith("u"):
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _string(value: Any, feature: Feature) -> str:
    if not isinstance(value, str) or not is_unicode(value):
        return "a string"
    return _unknown(value, feature)


def is_unicode(text: str) -> bool:
    """Tell whether there is no half of a surrogate pair, which JSON can escape, in a text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _boolean(value: Any, feature: Feature) -> str:
    return _unknown(value, feature) if isinstance(value, bool) else "true or false"


CHECKS: dict[str, Check] = {
    "number": _number,
    "integer": _integer,
    "string": _string,
    "boolean": _boolean,
    "datetime": _datetime,
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

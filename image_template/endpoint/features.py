"""The columns of a model, and the known values of a column."""

import struct
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from endpoint.dates import DateError, instant

Feature = dict[str, Any]
_FORMATS = {"float16": "e", "float32": "f"}
"""The letters of these dtypes in `struct`."""


def features_of(facts: dict[str, Any]) -> list[Feature]:
    """Return the columns with all their facts, including those that clients may not read."""
    private = facts.get("columns") or {}
    return [
        {**feature, **private.get(feature["name"], {})}
        for feature in facts["signature"]["features"]
    ]


def stored(feature: Feature) -> str:
    """Return the dtype of a column's values; for a category column, that of its categories."""
    storage = str(feature.get("storage", ""))
    return str(feature.get("category_storage", "")) if storage == "category" else storage


def key_of(feature: Feature) -> Callable[[Any], Any]:
    """Return the function that makes values comparable.

    Two texts may be the same time, and two doubles the same float32. The function raises DateError
    if the value isn't a time, and OverflowError if it is too large for a float32.
    """
    storage = stored(feature)
    if feature["dtype"] == "datetime":
        return lambda value: instant(value, storage)
    if feature["dtype"] == "number" and storage.lower() in _FORMATS:
        return partial(_rounded, _FORMATS[storage.lower()])
    return lambda value: value


def _rounded(letter: str, value: float) -> float:
    try:
        return float(struct.unpack(letter, struct.pack(letter, value))[0])
    except struct.error as error:  # for "e" and an integer over the largest float
        raise OverflowError(str(error)) from error


_POSITIONS: dict[int, tuple[list[Any], dict[Any, int]]] = {}
"""By the id of a feature's list. The list is kept here too, so that no other list gets its id."""


def positions(feature: Feature) -> Mapping[Any, int]:
    """Return the positions of a column's known values by their keys; made once per list."""
    categories: list[Any] = feature["categories"]
    found = _POSITIONS.get(id(categories))
    if found is None:
        key = key_of(feature)
        found = categories, {key(value): position for position, value in enumerate(categories)}
        _POSITIONS[id(categories)] = found
    return found[1]


def allowed(feature: Feature) -> list[Any]:
    """Return the known values that requests may contain: an encoder may refuse some of them."""
    refused = feature.get("refused")
    if not refused:
        return list(feature.get("categories") or ())
    return [value for value in feature["categories"] if value not in refused]


def membership(feature: Feature) -> Callable[[Any], bool]:
    """Return the function that tells whether a value of the column's type is known."""
    known, key = positions(feature), key_of(feature)
    refused = {key(value) for value in feature.get("refused") or ()}

    def is_known(value: Any) -> bool:
        try:
            found = key(value)
        except (DateError, OverflowError):
            return False
        return found in known and found not in refused

    return is_known

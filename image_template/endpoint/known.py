"""The known values of a column: which of them a value of a request is."""

import struct
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from endpoint.dates import DateError, instant

Feature = dict[str, Any]
_FORMATS = {"float16": "e", "float32": "f"}
"""`struct`'s letters."""


def features_of(facts: dict[str, Any]) -> list[Feature]:
    """Return the columns with all that is known of them, not only what clients may read."""
    beside = facts.get("columns") or {}
    return [{**one, **beside.get(one["name"], {})} for one in facts["signature"]["features"]]


def stored(feature: Feature) -> str:
    """Return the dtype of a column's values; of a category column that of its categories."""
    storage = str(feature.get("storage", ""))
    return str(feature.get("category_storage", "")) if storage == "category" else storage


def key_of(feature: Feature) -> Callable[[Any], Any]:
    """Return what makes a value comparable: two texts may be one time, two doubles one float32.

    The result raises DateError for what is no time, OverflowError for what no float32 holds.
    """
    storage = stored(feature)
    if feature["dtype"] == "datetime":
        return lambda value: instant(value, storage)
    if feature["dtype"] == "number" and storage.lower() in _FORMATS:
        return partial(_rounded, _FORMATS[storage.lower()])
    return lambda value: value


def _rounded(letter: str, value: float) -> float:
    return float(struct.unpack(letter, struct.pack(letter, value))[0])


_POSITIONS: dict[int, tuple[list[Any], dict[Any, int]]] = {}
"""By the id of a feature's list, which is kept here too: while it is, no other has its id."""


def positions(feature: Feature) -> Mapping[Any, int]:
    """Return the places of a column's known values, by `key_of`; made once per list."""
    categories: list[Any] = feature["categories"]
    found = _POSITIONS.get(id(categories))
    if found is None:
        key = key_of(feature)
        found = categories, {key(value): place for place, value in enumerate(categories)}
        _POSITIONS[id(categories)] = found
    return found[1]


def allowed(feature: Feature) -> list[Any]:
    """Return the known values that requests may hold: an encoder may refuse some of them."""
    refused = feature.get("refused")
    if not refused:
        return list(feature.get("categories") or ())
    return [one for one in feature["categories"] if one not in refused]


def membership(feature: Feature) -> Callable[[Any], bool]:
    """Return what tells whether a value, of the column's type, is one of the known."""
    known, key = positions(feature), key_of(feature)
    refused = {key(one) for one in feature.get("refused") or ()}

    def is_known(value: Any) -> bool:
        try:
            found = key(value)
        except (DateError, OverflowError):
            return False
        return found in known and found not in refused

    return is_known

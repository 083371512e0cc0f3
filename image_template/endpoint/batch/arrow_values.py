"""Columns of Apache Arrow, and their values as a JSON request with these rows has them.

| type | value |
| --- | --- |
| integers, floats, booleans, strings | the same |
| decimals | an integer if there are no decimals, else the nearest float |
| dates, timestamps | ISO 8601, with Z if the type has a time zone |
| dictionaries | those of the values |
| null, NaN | None |
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Values = Callable[[Any], list[Any]]
"""Returns the values of an array."""


class ArrowColumn:
    """An array whose items are the values of JSON."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def __iter__(self) -> Iterator[Any]:
        """Yield the values."""
        read = values_of(self.array.type)
        return iter(read(self.array) if read else ())

    def __len__(self) -> int:
        return len(self.array)

    def where(self, picked: Sequence[bool]) -> "ArrowColumn":
        """Return some of the values."""
        return ArrowColumn(self.array.filter(pa.array(picked, pa.bool_())))


def values_of(kind: Any) -> Values | None:
    """Return the function that reads arrays of a type, or None if JSON has no such values."""
    types = pa.types
    if types.is_dictionary(kind):
        read = values_of(kind.value_type)
        return read and (lambda array: read(array.cast(kind.value_type)))
    if types.is_floating(kind):
        return _floats
    if types.is_decimal(kind):
        return _decimals
    if types.is_date(kind) or types.is_timestamp(kind):
        return _times
    texts = ("is_string", "is_large_string", "is_string_view")
    # pyarrow before 16 has no `is_string_view`.
    if any(getattr(types, name, lambda _: False)(kind) for name in texts):
        return _same
    same = types.is_null(kind) or types.is_boolean(kind) or types.is_integer(kind)
    return _same if same else None


def _same(array: Any) -> list[Any]:
    found: list[Any] = array.to_pylist()
    return found


def _floats(array: Any) -> list[Any]:
    numbers = array.to_numpy(zero_copy_only=False)  # a null is NaN here
    missing = np.isnan(numbers)
    found: list[Any] = numbers.tolist()
    for place in np.flatnonzero(missing).tolist():
        found[place] = None
    return found


def _decimals(array: Any) -> list[Any]:
    read = float if array.type.scale > 0 else int
    return [None if value is None else read(value) for value in array.to_pylist()]


def _times(array: Any) -> list[Any]:
    kind = array.type
    zone = ""
    if pa.types.is_date(kind):
        numbers, unit = array.cast(pa.date32()).cast(pa.int32()).cast(pa.int64()), "D"
    else:
        numbers, unit = array.cast(pa.int64()), kind.unit
        zone = "Z" if kind.tz else ""
    times = pc.fill_null(numbers, 0).to_numpy(zero_copy_only=False).astype(f"datetime64[{unit}]")
    texts: list[Any] = [f"{text}{zone}" for text in np.datetime_as_string(times).tolist()]
    for place in np.flatnonzero(array.is_null().to_numpy(zero_copy_only=False)).tolist():
        texts[place] = None
    return texts

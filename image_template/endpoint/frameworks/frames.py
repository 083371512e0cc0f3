"""DataFrames of rows: every column has its dtype from training."""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from endpoint.dates import instant, unit_of, zone_of
from endpoint.features import Feature, key_of, positions
from endpoint.rows import Rows

Column = Callable[[list[Any]], Any]
"""Makes a column for pandas from JSON values; None is a missing value."""

_NULLABLE = re.compile(r"(U?Int|Float)(\d+)")
_NUMPY = re.compile(r"(u?int|float)\d+|bool")


def frame_maker(features: list[Feature]) -> Callable[[Rows], pd.DataFrame]:
    """Return the function that makes DataFrames of checked rows in the order of training."""
    labels = [_label(feature) for feature in features]
    makers = [_column(feature) for feature in features]

    def frame(rows: Rows) -> pd.DataFrame:
        columns = zip(labels, makers, zip(*rows, strict=True), strict=True)
        return pd.DataFrame({label: make(list(values)) for label, make, values in columns})

    return frame


def _label(feature: Feature) -> Any:
    """Return the column's label in training; requests contain it as text."""
    label = feature.get("label", feature["name"])
    return tuple(label) if isinstance(label, list) else label


def _column(feature: Feature) -> Column:
    storage = feature["storage"]
    if storage == "category":
        return _categories(feature)
    # A missing text was None or NaN in training, and a model may distinguish them.
    if storage == "object" and feature.get("missing") == "nan":
        return lambda values: _series(
            [math.nan if text is None else text for text in values], storage
        )
    return _values(storage)


def _values(storage: str) -> Column:
    """Return the function that makes columns of any dtype except "category"."""
    if _NUMPY.fullmatch(storage):
        dtype = np.dtype(storage)
        return lambda values: np.array(values, dtype=dtype)
    if _NULLABLE.fullmatch(storage) or storage == "boolean":
        return _masked(storage)
    if storage.startswith("datetime64["):
        return _times(storage)
    return lambda values: _series(values, storage)


def _series(values: list[Any], storage: str) -> pd.Series:
    return pd.Series(values, dtype=storage)


def _masked(storage: str) -> Column:
    """Return the function that makes values and a mask, so that integers never become floats."""
    dtype = np.dtype("bool" if storage == "boolean" else storage.lower())
    arrays = {"I": pd.arrays.IntegerArray, "U": pd.arrays.IntegerArray}
    array = arrays.get(storage[0], pd.arrays.FloatingArray)
    if storage == "boolean":
        array = pd.arrays.BooleanArray

    def masked(values: list[Any]) -> Any:
        known = np.array([0 if value is None else value for value in values], dtype=dtype)
        return array(known, np.array([value is None for value in values], dtype=bool))

    return masked


def _times(storage: str) -> Column:
    unit, zone = unit_of(storage), zone_of(storage)
    gap = np.iinfo("int64").min  # NumPy's NaT
    dtype = pd.api.types.pandas_dtype(storage)

    def times(values: list[Any]) -> pd.DatetimeIndex:
        units = [gap if text is None else instant(text, storage) for text in values]
        found = pd.DatetimeIndex(np.array(units, dtype="int64").view(f"datetime64[{unit}]"))
        return found.tz_localize("UTC").tz_convert(dtype.tz) if zone else found

    return times


def _categories(feature: Feature) -> Column:
    """Return the function that makes a Categorical from the positions of its categories."""
    known = feature["categories"]
    storage = feature.get("category_storage")
    if storage == "interval":
        index = _intervals(feature["intervals"])
    elif storage is None:  # format 1
        index = pd.Index(known)
    else:
        index = pd.Index(_values(storage)(known))
    dtype = pd.CategoricalDtype(index, ordered=bool(feature.get("ordered")))
    codes_by_key, key = positions(feature), key_of(feature)

    def categories(values: list[Any]) -> pd.Categorical:
        codes = [-1 if value is None else codes_by_key[key(value)] for value in values]
        return pd.Categorical.from_codes(codes, dtype=dtype)

    return categories


def _intervals(facts: dict[str, Any]) -> pd.IntervalIndex:
    """Return the intervals that `pd.cut` made in training."""
    ends = [pd.Index(_values(facts["storage"])(facts[side])) for side in ("left", "right")]
    return pd.IntervalIndex.from_arrays(*ends, closed=facts["closed"])

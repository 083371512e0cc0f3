"""Rows as an estimator takes them: the table that it was fitted on."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from endpoint.dates import parts_of
from endpoint.hooks import preprocess
from endpoint.table import Rows

Table = Any
"""A 2-d array of numbers, a pandas DataFrame, or a 1-d array of texts."""


def table_maker(facts: dict[str, Any]) -> Callable[[Rows], Table]:
    """Return what makes the kind of table that the signature names, and prepares it."""
    make = _maker(facts["signature"])
    prepare = preprocess(facts)
    return make if prepare is None else lambda rows: prepare(make(rows))


def raw_table(signature: dict[str, Any], features: list[dict[str, Any]]) -> Callable[[Rows], Table]:
    """Return what makes the table before any hook."""
    return _maker({**signature, "features": features})


def _maker(signature: dict[str, Any]) -> Callable[[Rows], Table]:
    features = signature["features"]
    if signature["input"] == "dataframe":
        return _frame_maker(features)
    import numpy as np

    if signature["input"] == "text":
        return lambda rows: np.array([row[0] for row in rows], dtype=object)
    # Bundles of format 1 name no dtype: theirs are 64-bit floats. None becomes NaN.
    dtype = np.dtype(features[0].get("storage", "float64"))
    return lambda rows: np.array(rows, dtype=dtype)


def _frame_maker(features: list[dict[str, Any]]) -> Callable[[Rows], Table]:
    import pandas as pd

    labels = [one.get("label", one["name"]) for one in features]
    columns = [_column_maker(one) for one in features]

    def frame(rows: Rows) -> Table:
        found = {
            number: make(list(values))
            for number, (make, values) in enumerate(
                zip(columns, zip(*rows, strict=True), strict=True)
            )
        }
        table = pd.DataFrame(found)
        table.columns = labels
        return table

    return frame


def _column_maker(feature: dict[str, Any]) -> Callable[[list[Any]], Any]:
    """Return what makes a column of the dtype that it had in training."""
    import pandas as pd

    storage = feature["storage"]
    if storage == "category":
        return _category_maker(feature)
    if feature["dtype"] == "datetime":
        return partial(_dates, storage)
    # A missing string was None or NaN in training, and a model may tell them apart.
    if feature["dtype"] == "string" and feature.get("missing") == "nan":
        return lambda values: pd.Series(
            [math.nan if value is None else value for value in values], dtype=storage
        )
    return lambda values: pd.Series(values, dtype=storage)


def _dates(storage: str, values: list[Any]) -> Any:
    import pandas as pd

    _, zone = parts_of(storage)
    moments = pd.Series(pd.to_datetime(values, format="ISO8601", utc=bool(zone)))
    return (moments.dt.tz_convert(zone) if zone else moments).astype(storage)


def _category_maker(feature: dict[str, Any]) -> Callable[[list[Any]], Any]:
    """Return what makes a column of categories, with the order that their codes had."""
    import pandas as pd

    listed = feature["categories"]
    dtype = pd.CategoricalDtype(_categories(feature), ordered=feature.get("ordered", False))
    is_date = feature["dtype"] == "datetime"
    read = pd.Timestamp if is_date else _itself
    codes = {read(one): code for code, one in enumerate(listed)}

    def column(values: list[Any]) -> Any:
        found = [-1 if value is None else codes[read(value)] for value in values]
        return pd.Series(pd.Categorical.from_codes(found, dtype=dtype))

    return column


def _itself(value: Any) -> Any:
    return value


def _categories(feature: dict[str, Any]) -> Any:
    """Return the index of categories, in the dtype that it had in training."""
    import pandas as pd

    storage, listed = feature.get("category_storage", "object"), feature["categories"]
    known = feature.get("intervals")
    if known:
        ends = [pd.Index(known[side]).astype(known["storage"]) for side in ("left", "right")]
        return pd.IntervalIndex.from_arrays(*ends, closed=known["closed"])
    if feature["dtype"] == "datetime":
        return pd.DatetimeIndex(_dates(storage, listed))
    return pd.Index(listed, dtype=storage)

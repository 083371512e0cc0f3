"""Rows as an estimator takes them: the table that it was fitted on."""

import math
from collections.abc import Callable
from typing import Any

from endpoint.hooks import preprocess
from endpoint.table import Rows

Table = Any
"""A 2-d array of floats, a pandas DataFrame, or a 1-d array of texts."""


def table_maker(facts: dict[str, Any]) -> Callable[[Rows], Table]:
    """Return what makes the kind of table that the signature names, and prepares it."""
    make = _maker(facts["signature"])
    prepare = preprocess(facts)
    return make if prepare is None else lambda rows: prepare(make(rows))


def raw_table(signature: dict[str, Any], features: list[dict[str, Any]]) -> Callable[[Rows], Table]:
    """Return what makes the table before any hook."""
    return _maker({**signature, "features": features})


def _maker(signature: dict[str, Any]) -> Callable[[Rows], Table]:
    if signature["input"] == "dataframe":
        return lambda rows: _frame(rows, signature["features"])
    import numpy as np

    if signature["input"] == "text":
        return lambda rows: np.array([row[0] for row in rows], dtype=object)
    # None becomes NaN.
    return lambda rows: np.array(rows, dtype=float)


def _frame(rows: Rows, features: list[dict[str, Any]]) -> Table:
    import pandas as pd

    columns = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            feature["name"]: _column(list(values), feature)
            for feature, values in zip(features, columns, strict=True)
        }
    )


def _column(values: list[Any], feature: dict[str, Any]) -> Any:
    """Return a column of the dtype that it had in training."""
    import pandas as pd

    storage = feature["storage"]
    if storage == "category":
        return pd.Series(pd.Categorical(values, categories=feature["categories"]))
    # A missing string was None or NaN in training, and a model may tell them apart.
    if feature["dtype"] == "string" and feature.get("missing") == "nan":
        values = [math.nan if value is None else value for value in values]
    return pd.Series(values, dtype=storage)

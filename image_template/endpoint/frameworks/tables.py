"""Rows as an estimator takes them: the table that it was fitted on."""

import math
from collections.abc import Callable
from typing import Any

from endpoint.table import Rows

Table = Any
"""A 2-d array of floats, a pandas DataFrame, or a list of texts."""


def table_maker(signature: dict[str, Any]) -> Callable[[Rows], Table]:
    """Return what makes the kind of table that a signature names."""
    match signature["input"]:
        case "dataframe":
            return lambda rows: _frame(rows, signature["features"])
        case "text":
            return lambda rows: [row[0] for row in rows]
        case _:
            import numpy as np

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

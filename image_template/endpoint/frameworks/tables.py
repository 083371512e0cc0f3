"""Rows as an estimator takes them: the table that it was fitted on."""

from collections.abc import Callable
from typing import Any

from endpoint.hooks import preprocess
from endpoint.known import Feature, features_of
from endpoint.table import Rows

Table = Any
"""A 2-d array of training's dtype, a pandas DataFrame, or a 1-d array of texts."""


def table_maker(facts: dict[str, Any]) -> Callable[[Rows], Table]:
    """Return what makes the kind of table that the signature names, and prepares it."""
    make = raw_table(facts["signature"], features_of(facts))
    prepare = preprocess(facts)
    return make if prepare is None else lambda rows: prepare(make(rows))


def raw_table(signature: dict[str, Any], features: list[Feature]) -> Callable[[Rows], Table]:
    """Return what makes the table before any hook.

    Args:
        signature: of model.json; its `input` says what is made.
        features: the columns, each with all of its categories.
    """
    if signature["input"] == "dataframe":
        from endpoint.frameworks.frames import frame_maker

        return frame_maker(features)
    import numpy as np

    if signature["input"] == "text":
        return lambda rows: np.array([row[0] for row in rows], dtype=object)
    # Bundles of format 1 don't name the dtype of an array.
    dtype = np.dtype(features[0].get("storage", "float64"))
    # Of floats None becomes NaN. With the dtype given every integer stays exact.
    return lambda rows: np.array(rows, dtype=dtype)

"""From rows to the kind of table that the estimator was fitted on."""

from collections.abc import Callable
from typing import Any

from endpoint.features import Feature, features_of
from endpoint.hooks import preprocess
from endpoint.rows import Rows

Table = Any
"""A 2-d array of the training data's dtype, a pandas DataFrame, or a 1-d array of texts."""


def table_maker(facts: dict[str, Any]) -> Callable[[Rows], Table]:
    """Return the function that makes the signature's kind of table and calls `preprocess`."""
    make = raw_table(facts["signature"], features_of(facts))
    prepare = preprocess(facts)
    return make if prepare is None else lambda rows: prepare(make(rows))


def raw_table(signature: dict[str, Any], features: list[Feature]) -> Callable[[Rows], Table]:
    """Return the function that makes the table, without a hook.

    Args:
        signature: the signature in model.json; `input` is the kind of table.
        features: the columns with all their categories.
    """
    if signature["input"] == "dataframe":
        from endpoint.frameworks.frames import frame_maker

        return frame_maker(features)
    return array_maker(signature, features)


def array_maker(signature: dict[str, Any], features: list[Feature]) -> Callable[[Rows], Table]:
    """Return the function that makes arrays; for a signature without named columns."""
    import numpy as np

    if signature["input"] == "text":
        return lambda rows: np.array([row[0] for row in rows], dtype=object)
    # Bundles of format 1 don't have the dtype of an array.
    dtype = np.dtype(features[0].get("storage", "float64"))
    # None becomes NaN in a float array. With an explicit dtype, every integer stays exact.
    return lambda rows: np.array(rows, dtype=dtype)

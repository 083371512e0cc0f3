"""The categories that fitted encoders learnt, by the column of X that reaches them unchanged."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mldeploy.model.json_values import is_missing

Column = Hashable
Columns = Sequence[Column | None]
"""The source of each column of a table: a column of X, or None if a step has changed it."""

_INNER = ("regressor_", "estimator_", "best_estimator_", "classifier_", "base_estimator_")
_SEVERAL = ("estimators_", "calibrated_classifiers_")
"""Attributes of scikit-learn's meta-estimators with fitted estimators that receive unchanged X."""


@dataclass(frozen=True)
class Learnt:
    """An encoder's categories of a column.

    Attributes:
        categories: in the encoder's order, in Python's types, without missing values.
        dtype: of the encoder's array of categories, such as "object" or "int64".
        refuses: whether it raises for unknown values.
        missing: whether it accepts missing values.
    """

    categories: list[Any]
    dtype: str
    refuses: bool
    missing: bool


def learnt(estimator: Any, columns: Sequence[Column]) -> dict[Column, Learnt]:
    """Return the categories of each column in a fitted estimator's encoders.

    If a column has several encoders, the first that rejects unknown values is used, else the first.

    Args:
        estimator: fitted; pipelines, column transformers, unions and meta-estimators are traversed.
        columns: the columns of X in order: a DataFrame's labels, or 0 to n-1 for an array.
    """
    found: dict[Column, Learnt] = {}
    for column, one in _walk(estimator, columns, imputed=False):
        if column not in found or (one.refuses and not found[column].refuses):
            found[column] = one
    return found


def _walk(step: Any, columns: Columns, *, imputed: bool) -> Iterator[tuple[Column, Learnt]]:
    """Yield the categories of the encoders in a step; `imputed`: no missing value reaches it."""
    if hasattr(step, "categories_"):
        yield from _of_encoder(step, columns, imputed=imputed)
    elif hasattr(step, "steps"):
        yield from _of_pipeline(step, columns, imputed=imputed)
    elif hasattr(step, "transformers_"):
        for _, inner, chosen in step.transformers_:
            yield from _walk(inner, _chosen(chosen, columns), imputed=imputed)
    elif hasattr(step, "transformer_list"):
        for _, inner in step.transformer_list:
            yield from _walk(inner, columns, imputed=imputed)
    else:
        for inner in _inner(step):
            yield from _walk(inner, columns, imputed=imputed)


def _of_pipeline(
    pipeline: Any, columns: Columns, *, imputed: bool
) -> Iterator[tuple[Column, Learnt]]:
    for _, step in pipeline.steps:
        if step is None or step == "passthrough":
            continue
        yield from _walk(step, columns, imputed=imputed)
        if type(step).__name__ != "SimpleImputer":
            return  # what comes out is other values, or other columns
        if getattr(step, "add_indicator", False):
            return
        columns, imputed = _kept_by_imputer(step, columns), True


def _kept_by_imputer(imputer: Any, columns: Columns) -> Columns:
    """Return the columns that are left: one that was empty in training is dropped."""
    names = imputer.get_feature_names_out()
    if len(names) == len(columns):
        return columns
    return [None] * len(names)


def _of_encoder(
    encoder: Any, columns: Columns, *, imputed: bool
) -> Iterator[tuple[Column, Learnt]]:
    import numpy as np

    known = encoder.categories_
    if not isinstance(known, list) or len(known) != len(columns):
        return
    refuses = getattr(encoder, "handle_unknown", "") == "error"
    for column, values in zip(columns, known, strict=True):
        if column is None:
            continue
        listed = _listed(np.asarray(values))
        present = [one for one in listed if not is_missing(one)]
        missing = imputed or len(present) < len(listed)
        yield column, Learnt(present, str(np.asarray(values).dtype), refuses, missing)


def _listed(values: Any) -> list[Any]:
    """Return an encoder's categories in Python's types, dates as pandas' Timestamps."""
    if values.dtype.kind != "M":
        return list(values.tolist())
    import pandas as pd

    return list(pd.DatetimeIndex(values))


def _chosen(chosen: Any, columns: Columns) -> Columns:
    """Return the columns that a ColumnTransformer's specifier names: labels, places, a mask."""
    import numpy as np

    if isinstance(chosen, str):
        return [chosen if chosen in columns else None]
    if isinstance(chosen, slice):
        return _sliced(chosen, columns)
    every = np.asarray(chosen, dtype=object).ravel().tolist()
    if len(every) == len(columns) and all(isinstance(one, bool) for one in every):
        return [column for column, taken in zip(columns, every, strict=True) if taken]
    return [_one(name, columns) for name in every]


def _sliced(chosen: slice, columns: Columns) -> Columns:
    """Return the columns of a slice, of places or of labels, whose end is among them."""
    if isinstance(chosen.start, str) or isinstance(chosen.stop, str):
        places = list(columns)
        start = 0 if chosen.start is None else places.index(chosen.start)
        stop = len(places) if chosen.stop is None else places.index(chosen.stop) + 1
        return columns[start:stop]
    return columns[chosen]


def _one(name: Any, columns: Columns) -> Column | None:
    if isinstance(name, str):
        return name if name in columns else None
    place = int(name)
    return columns[place] if -len(columns) <= place < len(columns) else None


def _inner(step: Any) -> Iterator[Any]:
    """Yield a meta-estimator's fitted estimators that receive its unchanged input."""
    if hasattr(step, "estimators_features_"):
        return  # each uses its own columns
    for name in _INNER:
        inner = getattr(step, name, None)
        if inner is not None and hasattr(inner, "get_params"):
            yield inner
    for name in _SEVERAL:
        several = getattr(step, name, None)
        for one in several if isinstance(several, list) else ():
            yield getattr(one, "estimator", one) if name == "calibrated_classifiers_" else one

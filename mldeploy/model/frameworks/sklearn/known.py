"""A fitted model's information about its columns: names, types, categories, typical numbers.

It comes only from the model, without guesses from example rows.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mldeploy.model.data.encoders import Learnt, learnt
from mldeploy.model.foreign.column_types import NUMBER, ColumnType, of_categories
from mldeploy.model.frameworks.sklearn.leaves import Leaf, leaves
from mldeploy.model.frameworks.sklearn.libraries import library_of
from mldeploy.model.frameworks.sklearn.libraries.base import package_of
from mldeploy.model.frameworks.sklearn.other_columns import (
    names_of_library,
    types_of_library,
)
from mldeploy.model.frameworks.sklearn.usual_numbers import usual_numbers

Column = Hashable


@dataclass(frozen=True)
class Known:
    """A model's information about its input.

    Attributes:
        names: of its columns if it was fitted on a DataFrame, else None.
        count: of its columns, or None.
        types: by name, or by position without names; other columns are unknown.
        encoders: encoders' categories, by the same keys.
        numbers: typical values of numeric columns, by the same keys.
        gaps: the columns whose missing values an imputer fills.
        text: whether its input is texts instead of a table.
    """

    names: tuple[str, ...] | None
    count: int | None
    types: Mapping[Column, ColumnType] = field(default_factory=dict)
    encoders: Mapping[Column, Learnt] = field(default_factory=dict)
    numbers: Mapping[Column, list[float]] = field(default_factory=dict)
    gaps: frozenset[Column] = frozenset()
    text: bool = False

    @property
    def columns(self) -> tuple[Column, ...]:
        """Their names, or their places."""
        return self.names or tuple(range(self.count or 0))


def known_of(estimator: Any) -> Known:
    """Return a fitted estimator's information about its columns."""
    names = names_of_library(estimator) or _names(estimator)
    count = len(names) if names else _count(estimator)
    known = Known(names, count, text=count is None and _reads_texts(estimator))
    if not count:
        return known
    found = list(leaves(estimator, known.columns))
    encoders = _encoders(estimator, found, known.columns)
    types = {
        **_of_leaves(found),
        **_of_encoders(encoders, found),
        **_of_libraries(found),
    }
    numbers: dict[Column, list[float]] = {}
    for one in found:
        if types.get(one.column, NUMBER).kind == "number":
            numbers.setdefault(one.column, []).extend(usual_numbers(one.step, one.place))
    gaps = frozenset(one.column for one in found if _fills_gaps(one.step))
    return replace(known, types=types, encoders=encoders, numbers=numbers, gaps=gaps)


def _names(estimator: Any) -> tuple[str, ...] | None:
    found = getattr(estimator, "feature_names_in_", None)
    return tuple(map(str, found)) if found is not None and len(found) else None


def _count(estimator: Any) -> int | None:
    try:
        return int(estimator.n_features_in_)
    except (AttributeError, TypeError, ValueError):
        return None


def _reads_texts(estimator: Any) -> bool:
    while hasattr(estimator, "steps"):
        estimator = estimator.steps[0][1]
    if hasattr(estimator, "transformer_list"):
        return any(_reads_texts(one) for _, one in estimator.transformer_list)
    return hasattr(estimator, "build_analyzer")


def _encoders(
    estimator: Any, found: list[Leaf], columns: tuple[Column, ...]
) -> dict[Column, Learnt]:
    """Return what encoders learnt, also those that gradient boosting has inside it."""
    encoders = learnt(estimator, columns)
    inner = {id(one.step): one.step for one in found if hasattr(one.step, "_preprocessor")}
    for step in inner.values():
        here = [one.column for one in found if one.step is step]
        if step._preprocessor is not None:  # noqa: SLF001 - the categories are kept nowhere else
            encoders |= learnt(step._preprocessor, here)  # noqa: SLF001
    return encoders


def _of_encoders(encoders: dict[Column, Learnt], found: list[Leaf]) -> dict[Column, ColumnType]:
    """Return the types of encoders' columns; one fitted with None doesn't know NaN."""
    nones = {
        one.column
        for one in found
        if isinstance(known := getattr(one.step, "categories_", None), list)
        and one.place < len(known)
        and any(value is None for value in known[one.place])
    }
    types: dict[Column, ColumnType] = {}
    for column, one in encoders.items():
        kind = of_categories(one.categories, one.dtype)
        if kind:
            types[column] = replace(kind, none=column in nones)
    return types


def _of_leaves(found: list[Leaf]) -> dict[Column, ColumnType]:
    types: dict[Column, ColumnType] = {}
    for one in found:
        kind = _of_leaf(one)
        if kind and (one.column not in types or kind.firm):
            types[one.column] = kind
    return types


def _of_leaf(leaf: Leaf) -> ColumnType | None:
    """Return the type of a column that reaches a step unchanged; None if the step accepts any."""
    step = leaf.step
    if hasattr(step, "build_analyzer"):
        return ColumnType("text")
    if hasattr(step, "statistics_"):
        filled = step.statistics_[leaf.place]
        return ColumnType("text") if isinstance(filled, str) else None
    library = library_of(step)
    if library is not None and library.numeric:
        return NUMBER
    if package_of(step) != "sklearn" or hasattr(step, "categories_") or hasattr(step, "estimators"):
        return None
    takes_any = {"FunctionTransformer", "MissingIndicator"}
    if hasattr(step, "estimator") or type(step).__name__ in takes_any:
        return None
    return NUMBER if hasattr(step, "n_features_in_") else None


def _of_libraries(found: list[Leaf]) -> dict[Column, ColumnType]:
    """Return the types that other libraries' models and encoders have of their own."""
    types: dict[Column, ColumnType] = {}
    for step in {id(one.step): one.step for one in found}.values():
        here = [one.column for one in found if one.step is step]
        types |= types_of_library(step, here)
    return types


def _fills_gaps(step: Any) -> bool:
    return type(step).__name__ in {"SimpleImputer", "KNNImputer", "IterativeImputer"}

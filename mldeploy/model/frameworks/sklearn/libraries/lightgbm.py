"""LightGBM 4."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

from mldeploy.model.foreign.column_types import ColumnType
from mldeploy.model.frameworks.sklearn.libraries.base import Library, Types


def _names(estimator: Any) -> Any:
    return getattr(estimator, "feature_name_", None) or _called(estimator, "feature_name")


def _called(estimator: Any, name: str) -> Any:
    method: Callable[[], Any] | None = getattr(estimator, name, None)
    return method() if callable(method) else None


def _types(step: Any, columns: Sequence[Hashable]) -> Types:
    """Return the category columns; LightGBM stores their categories in the order of the columns.

    It treats ordered category columns as numbers and doesn't store which columns they are.
    """
    booster = getattr(step, "booster_", step)
    known = getattr(booster, "pandas_categorical", None) or []
    if not known:
        return {}
    infos = booster.dump_model(num_iteration=1)["feature_infos"]
    names = booster.feature_name()
    unordered = [
        column
        for column, name in zip(columns, names, strict=False)
        if infos.get(name, {}).get("values")
    ]
    if len(unordered) != len(known):
        return {}
    return {
        column: ColumnType("category", tuple(values))
        for column, values in zip(unordered, known, strict=True)
    }


def _numbers(step: Any, place: int) -> Iterator[float]:
    """Yield the limits of a column's range; subclasses of LightGBM's have a booster, too."""
    booster: Any = getattr(step, "booster_", None)
    if not hasattr(booster, "dump_model"):
        return
    known = booster.dump_model(num_iteration=1)["feature_infos"]
    infos = known.get(booster.feature_name()[place], {})
    for one in (infos.get("min_value"), infos.get("max_value")):
        if isinstance(one, int | float):
            yield float(one)


LIGHTGBM = Library(
    "lightgbm",
    _names,
    _types,
    _numbers,
    numeric=True,
    most_probable=frozenset({"lightgbm.sklearn.LGBMClassifier"}),
)

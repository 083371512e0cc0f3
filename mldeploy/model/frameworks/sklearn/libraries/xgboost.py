"""XGBoost 3."""

import itertools
import json
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from mldeploy.model.foreign.column_types import ColumnType
from mldeploy.model.frameworks.sklearn.libraries.base import Library, Types


def _names(estimator: Any) -> Any:
    return getattr(estimator, "feature_names", None)


def _types(step: Any, columns: Sequence[Hashable]) -> Types:
    booster = step.get_booster() if hasattr(step, "get_booster") else step
    kinds = booster.feature_types or []
    categories = _categories(booster) if "c" in kinds else {}
    types: Types = {}
    for place, (column, kind) in enumerate(zip(columns, kinds, strict=False)):
        if kind == "c":
            types[column] = ColumnType("category", categories.get(place, ()))
        elif kind == "i":
            types[column] = ColumnType("boolean")
    return types


def _categories(booster: Any) -> dict[int, tuple[Any, ...]]:
    """Return the categories by place, as the model's JSON has them (XGBoost 3.1 and later)."""
    model = json.loads(bytes(booster.save_raw("json")))
    trees = model["learner"]["gradient_booster"]
    trees = trees.get("gbtree", trees)  # DART has the trees in it
    found = trees.get("model", {}).get("cats", {}).get("enc", [])
    return {place: tuple(_decoded(one)) for place, one in enumerate(found)}


def _decoded(known: Mapping[str, Any]) -> Iterator[Any]:
    """Yield texts, which are slices of a byte array, or integers."""
    ends = known.get("offsets")
    if ends is None:
        yield from known["values"]
        return
    content = bytes(one % 256 for one in known["values"])
    for start, end in itertools.pairwise(ends):
        yield content[start:end].decode()


XGBOOST = Library(
    "xgboost",
    _names,
    _types,
    numeric=True,
    most_probable=frozenset({"xgboost.sklearn.XGBClassifier"}),
)

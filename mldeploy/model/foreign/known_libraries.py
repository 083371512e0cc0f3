"""What other libraries' models know of their columns: LightGBM 4, XGBoost 3, CatBoost 1.

None of the libraries is imported: a model that is one of theirs has brought it.
"""

import itertools
import json
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

from mldeploy.model.foreign.column_types import ColumnType, of_categories

Types = dict[Hashable, ColumnType]

_MADE_UP = re.compile(r"Column_\d+")
"""What LightGBM calls the columns of an array."""
_TEXT_DTYPES = ("object", "str", "string", "<StringDtype")


def names_of_library(estimator: Any) -> tuple[str, ...] | None:
    """Return the names of the columns of a DataFrame, where a library keeps them in its own way."""
    match _package(estimator):
        case "lightgbm":
            found = getattr(estimator, "feature_name_", None) or _called(estimator, "feature_name")
        case "catboost":
            found = getattr(estimator, "feature_names_", None)
        case "xgboost":
            found = getattr(estimator, "feature_names", None)
        case _:
            return None
    names = tuple(map(str, found or ()))
    numbered = all(name == str(place) for place, name in enumerate(names))
    made_up = numbered or all(map(_MADE_UP.fullmatch, names))
    return None if made_up else names


def types_of_library(step: Any, columns: Sequence[Hashable]) -> Types:
    """Return the types of the columns that a model or an encoder of another library gets.

    Args:
        step: fitted.
        columns: in the order in which it gets them.
    """
    match _package(step):
        case "lightgbm":
            return _of_lightgbm(step, columns)
        case "xgboost":
            return _of_xgboost(step, columns)
        case "catboost":
            return _of_catboost(step, columns)
        case _:
            return {**_of_dtypes(step, columns), **_of_mappings(step, columns)}


def _package(estimator: Any) -> str:
    return type(estimator).__module__.partition(".")[0]


def _called(estimator: Any, name: str) -> Any:
    method: Callable[[], Any] | None = getattr(estimator, name, None)
    return method() if callable(method) else None


def _of_lightgbm(step: Any, columns: Sequence[Hashable]) -> Types:
    """Return the category columns; LightGBM keeps their categories in the order of the columns.

    An ordered category column is a number to it: where there are some, it doesn't say which
    columns they are.
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


def _of_xgboost(step: Any, columns: Sequence[Hashable]) -> Types:
    booster = step.get_booster() if hasattr(step, "get_booster") else step
    kinds = booster.feature_types or []
    categories = _categories_of_xgboost(booster) if "c" in kinds else {}
    types: Types = {}
    for place, (column, kind) in enumerate(zip(columns, kinds, strict=False)):
        if kind == "c":
            types[column] = ColumnType("category", categories.get(place, ()))
        elif kind == "i":
            types[column] = ColumnType("boolean")
    return types


def _categories_of_xgboost(booster: Any) -> dict[int, tuple[Any, ...]]:
    """Return the categories by place, as the model's JSON has them (XGBoost 3.1 and later)."""
    model = json.loads(bytes(booster.save_raw("json")))
    trees = model["learner"]["gradient_booster"]
    trees = trees.get("gbtree", trees)  # DART has the trees in it
    found = trees.get("model", {}).get("cats", {}).get("enc", [])
    return {place: tuple(_decoded(one)) for place, one in enumerate(found)}


def _decoded(known: Mapping[str, Any]) -> Iterator[Any]:
    """Yield texts, which are cut out of one row of bytes, or whole numbers."""
    ends = known.get("offsets")
    if ends is None:
        yield from known["values"]
        return
    content = bytes(one % 256 for one in known["values"])
    for start, end in itertools.pairwise(ends):
        yield content[start:end].decode()


def _of_catboost(step: Any, columns: Sequence[Hashable]) -> Types:
    """Return texts; to CatBoost a whole number is the same as its text."""
    texts = {*step.get_cat_feature_indices(), *step.get_text_feature_indices()}
    return {
        column: ColumnType("text" if place in texts else "number", firm=place in texts)
        for place, column in enumerate(columns)
    }


def _of_dtypes(step: Any, columns: Sequence[Hashable]) -> Types:
    """Return the types of an encoder that keeps the dtypes of its fit (category_encoders)."""
    dtypes = getattr(step, "feature_dtypes_in_", None)
    if dtypes is None or len(dtypes) != len(columns):
        return {}
    found = ((column, _of_dtype(dtype)) for column, dtype in zip(columns, dtypes, strict=True))
    return {column: kind for column, kind in found if kind}


def _of_dtype(dtype: Any) -> ColumnType | None:
    if str(dtype).startswith(_TEXT_DTYPES):
        return ColumnType("text")
    match getattr(dtype, "kind", "O"):
        case "i" | "u":
            return ColumnType("integer", storage=str(dtype).lower())
        case "f":
            return ColumnType("number", firm=False)
        case "b":
            return ColumnType("boolean")
        case "M":
            return ColumnType("datetime")
        case _:
            return None


def _of_mappings(step: Any, columns: Sequence[Hashable]) -> Types:
    """Return the types of encoders that map values by column: category_encoders, Feature-engine."""
    ordinal = getattr(step, "ordinal_encoder", step)
    maps = {
        one["col"]: list(getattr(one["mapping"], "index", one["mapping"]))
        for one in _mappings(getattr(ordinal, "mapping", None))
    }
    by_column = getattr(step, "encoder_dict_", None)
    if isinstance(by_column, dict):
        maps |= {name: list(values) for name, values in by_column.items()}
    types: Types = {}
    for column, values in maps.items():
        present = [_plain(one) for one in values if one == one]  # noqa: PLR0124 - NaN
        kind = of_categories(present, str(getattr(values, "dtype", "object")))
        if column in columns and kind:
            types[column] = kind
    return types


def _mappings(found: Any) -> list[dict[str, Any]]:
    """Return category_encoders' list: a dict per column, with "col" and "mapping"."""
    if not isinstance(found, list):
        return []
    return [one for one in found if isinstance(one, dict) and {"col", "mapping"} <= one.keys()]


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value

"""Information of other libraries' models and encoders about their columns."""

import re
from collections.abc import Hashable, Sequence
from typing import Any

from mldeploy.model.foreign.column_types import ColumnType, of_categories
from mldeploy.model.frameworks.sklearn.libraries import library_of
from mldeploy.model.frameworks.sklearn.libraries.base import Types

_MADE_UP = re.compile(r"Column_\d+")
"""LightGBM's names of an array's columns."""
_TEXT_DTYPES = ("object", "str", "string", "<StringDtype")


def names_of_library(estimator: Any) -> tuple[str, ...] | None:
    """Return the names of a DataFrame's columns from a library's own attributes."""
    library = library_of(estimator)
    if library is None:
        return None
    names = tuple(map(str, library.names(estimator) or ()))
    numbered = all(name == str(place) for place, name in enumerate(names))
    made_up = numbered or all(map(_MADE_UP.fullmatch, names))
    return None if made_up else names


def types_of_library(step: Any, columns: Sequence[Hashable]) -> Types:
    """Return the types of the input columns of another library's model or encoder.

    Args:
        step: fitted.
        columns: its input, in order.
    """
    library = library_of(step)
    if library is not None:
        return library.types(step, columns)
    return {**_of_dtypes(step, columns), **_of_mappings(step, columns)}


def _of_dtypes(step: Any, columns: Sequence[Hashable]) -> Types:
    """Return the types of an encoder that stores the dtypes of its fit (category_encoders)."""
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

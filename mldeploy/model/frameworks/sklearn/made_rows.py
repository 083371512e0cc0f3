"""Generates rows for a model without an example, from its categories, means and thresholds."""

from collections.abc import Hashable, Mapping
from typing import Any

from mldeploy.model.foreign.column_types import NUMBER, ColumnType, require_known
from mldeploy.model.foreign.reading import series_of, unknown
from mldeploy.model.frameworks.sklearn.example_data import Rows
from mldeploy.model.frameworks.sklearn.known import Known

_COUNT = 20
_MOST = 100
_PLAIN = (0.0, 1.0, -1.0, 0.5, 2.0)
_TEXTS: Mapping[str, tuple[str, ...]] = {
    "number": tuple(map(str, _PLAIN)),
    "integer": ("0", "1", "2", "3", "10"),
    "boolean": ("true", "false"),
    "datetime": ("2024-01-01", "2024-06-15", "2025-12-31"),
}


def made_rows(known: Known, types: Mapping[str, str]) -> Rows:
    """Return at least ten rows that the model probably accepts.

    Args:
        known: the model's information about its columns.
        types: from the user, by column.

    Raises:
        MldeployError: MLD246 if the model contains too little information.
    """
    import numpy as np
    import pandas as pd

    if not known.count:
        raise unknown("it doesn't record its columns")
    names = tuple(str(one) if known.names else f"x{one}" for one in known.columns)
    require_known(types, names, "the model")
    every = {
        name: _values(known, column, _type(known, column, types.get(name)), name)
        for name, column in zip(names, known.columns, strict=True)
    }
    chance = np.random.default_rng(0)
    count = min(_MOST, max(_COUNT, *(len(set(one)) for one, _ in every.values())))
    columns = {
        name: series_of(_drawn(chance, values, count), kind)
        for name, (values, kind) in every.items()
    }
    assumed = {
        name: "number"
        for name, column in zip(names, known.columns, strict=True)
        if column not in known.types and name not in types
    }
    if known.names or any(one.dtype != "float64" for one in columns.values()):
        return Rows(pd.DataFrame(columns), names, assumed, made=True)
    return Rows(
        np.column_stack([one.to_numpy() for one in columns.values()]), names, assumed, made=True
    )


def _type(known: Known, column: Hashable, given: str | None) -> ColumnType:
    model = known.types.get(column, NUMBER)
    return model if given is None or given == model.kind else ColumnType(given)


def _values(
    known: Known, column: Hashable, kind: ColumnType, name: str
) -> tuple[list[str], ColumnType]:
    """Return values of a column as texts, and its type."""
    encoder = known.encoders.get(column)
    found = [str(one) for one in (kind.categories or (encoder.categories if encoder else ()))]
    if kind.kind == "number" and not found:
        found = [repr(one) for one in known.numbers.get(column, ())]
    found = found or list(_TEXTS.get(kind.kind, ()))
    if not found:
        raise unknown(f"it doesn't record the values of the {kind.kind} column {name!r}")
    return [*found, ""] if column in known.gaps else found, kind


def _drawn(chance: Any, values: list[str], count: int) -> list[str]:
    """Return each value at least once, if they are few enough, in an order by chance."""
    rows = [values[number % len(values)] for number in range(count)]
    return [str(one) for one in chance.permutation(rows)]

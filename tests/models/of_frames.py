"""dtypes of a DataFrame's columns: numbers, booleans and texts."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from tests.models import data, steps
from tests.models.line import exact, refused

_N = data.ROWS
_INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
_NULLABLE = ["Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64"]


def _towns(missing: Any = "Ulm") -> list[Any]:
    return [missing if n % 9 == 0 else data.TOWNS[n % 4] for n in range(_N)]


def _whole(dtype: str) -> Any:
    return pd.Series(np.arange(_N) % 60, dtype=dtype)


def _gapped(dtype: str) -> Any:
    return pd.Series([None if n % 8 == 0 else n % 50 for n in range(_N)], dtype=dtype)


def _imputed() -> Any:
    return make_pipeline(SimpleImputer(), LogisticRegression(max_iter=50))


def _mixed_missing() -> list[Any]:
    return [
        None if n % 9 == 0 else float("nan") if n % 9 == 1 else data.TOWNS[n % 4] for n in range(_N)
    ]


_C = data.column
_HOT = steps.one_hot

LINES = [
    *[exact(f"column of {one}", _C(lambda one=one: _whole(one)), steps.tree) for one in _INTS],
    *[
        exact(f"column of {one} with gaps", _C(lambda one=one: _gapped(one)), _imputed)
        for one in _NULLABLE
    ],
    exact("column of Int64 without gaps", _C(lambda: _whole("Int64")), steps.tree),
    exact(
        "column of Int64 beyond 2**53",
        _C(
            lambda: pd.Series([None if n % 8 == 0 else 2**53 + n for n in range(_N)], dtype="Int64")
        ),
        lambda: steps.encoded(steps.ordinal(), last=steps.tree()),
    ),
    exact(
        "column of int64 beyond 2**53",
        _C(lambda: pd.Series(2**53 + 1 + np.arange(_N) // 2 * 2)),
        lambda: steps.encoded(steps.ordinal(), last=steps.tree()),
    ),
    *[
        exact(
            f"column of {one}",
            _C(lambda one=one: pd.Series(data.numbers()[:, 1], dtype=one)),
            steps.tree,
        )
        for one in ("float16", "float32", "float64", "Float32", "Float64")
    ],
    exact("column of float32 with gaps", _C(lambda: _gapped("float32")), _imputed),
    exact("column of Float64 with gaps", _C(lambda: _gapped("Float64")), _imputed),
    exact(
        "column of whole floats with gaps",
        _C(lambda: _gapped("float64")),
        lambda: HistGradientBoostingClassifier(max_iter=5),
    ),
    exact("column of bool", _C(lambda: pd.Series(np.arange(_N) % 3 == 0)), steps.tree),
    exact(
        "column of boolean",
        _C(lambda: pd.Series(np.arange(_N) % 3 == 0, dtype="boolean")),
        steps.tree,
    ),
    exact(
        "column of boolean with gaps",
        _C(
            lambda: pd.Series(
                [None if n % 7 == 0 else n % 3 == 0 for n in range(_N)], dtype="boolean"
            )
        ),
        _imputed,
    ),
    exact("column of str", _C(lambda: pd.Series(_towns(), dtype="str")), _HOT),
    exact("column of str with gaps", _C(lambda: pd.Series(_towns(None), dtype="str")), _HOT),
    exact("column of objects", _C(lambda: pd.Series(_towns(), dtype="object")), _HOT),
    exact("column of objects with None", _C(lambda: pd.Series(_towns(None), dtype="object")), _HOT),
    exact(
        "column of objects with NaN",
        _C(lambda: pd.Series(_towns(float("nan")), dtype="object")),
        _HOT,
    ),
    refused(
        "column with None and NaN",
        _C(lambda: pd.Series(_mixed_missing(), dtype="object")),
        _HOT,
        "MLD215",
        "'c'",
    ),
    exact("column of string", _C(lambda: pd.Series(_towns(), dtype="string[python]")), _HOT),
    refused(
        "column of string with gaps",
        _C(lambda: pd.Series(_towns(None), dtype="string[python]")),
        lambda: _HOT(last=steps.tree()),
        "MLD216",
        "NAType",
    ),
    exact(
        "column of string[pyarrow]", _C(lambda: pd.Series(_towns(), dtype="string[pyarrow]")), _HOT
    ),
    refused(
        "column of string[pyarrow] with gaps",
        _C(lambda: pd.Series(_towns(None), dtype="string[pyarrow]")),
        _HOT,
        "MLD216",
        "NAType",
    ),
    refused(
        "objects that are whole numbers",
        _C(lambda: pd.Series([n % 4 for n in range(_N)], dtype="object")),
        _HOT,
        "MLD215",
        "to_numeric",
    ),
    refused(
        "objects that are booleans",
        _C(lambda: pd.Series([n % 4 == 0 for n in range(_N)], dtype="object")),
        _HOT,
        "MLD215",
        "boolean",
    ),
    refused(
        "objects of several types",
        _C(lambda: pd.Series([n if n % 2 else "a" for n in range(_N)], dtype="object")),
        _HOT,
        "MLD215",
        "'c'",
    ),
]

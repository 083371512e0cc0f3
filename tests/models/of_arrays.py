"""dtypes of arrays: each kept, and what an estimator does with another dtype shows."""

from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from tests.models import data, steps
from tests.models.line import Line, exact, refused

_DTYPES = [
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "bool",
]

_STRICT = '''
import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin


class OfDtype(ClassifierMixin, BaseEstimator):
    """Takes one dtype only, as torch does, and computes in it."""

    def fit(self, X, y):
        self.dtype_ = X.dtype
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        if X.dtype != self.dtype_:
            raise TypeError(f"expected {self.dtype_}, got {X.dtype}")
        # Integers of few bits overflow, as they did in training.
        return self.classes_[(np.square(X[:, 0]) + X[:, 1]).astype(np.int64) % len(self.classes_)]


def data():
    rng = np.random.default_rng(0)
    X = (rng.normal(size=(120, 3)) * 40).clip(LOW, 120).astype("DTYPE")
    return X, np.arange(120) % 3


def estimator():
    return OfDtype()
'''


def _strict(dtype: str) -> Line:
    low = "0" if dtype.startswith("u") else "-120"
    text = _STRICT.replace("DTYPE", dtype).replace("LOW", low)
    return Line(f"dtype-strict, {dtype}", files={"train.py": text})


def _large_ids() -> tuple[Any, Any]:
    ids = 2**53 + np.arange(data.ROWS, dtype=np.int64).reshape(-1, 1) // 2 * 2 + 1
    return np.hstack([ids, ids % 7]), data.classes(2)


def _large_unsigned() -> tuple[Any, Any]:
    return _large_ids()[0].astype(np.uint64) + np.uint64(2**63), data.classes(2)


def _codes() -> tuple[Any, Any]:
    """Whole numbers that mean categories."""
    return np.stack([np.arange(data.ROWS) % 5, np.arange(data.ROWS) % 3], axis=1), data.classes(3)


def _objects() -> tuple[Any, Any]:
    return np.array([[n % 4, "abc"[n % 3]] for n in range(data.ROWS)], dtype=object), data.classes(
        3
    )


def _texts_and_gaps() -> tuple[Any, Any]:
    x = np.array([["abc"[n % 3], "xy"[n % 2]] for n in range(data.ROWS)])
    return x, data.classes(3)


def _infinite() -> tuple[Any, Any]:
    x = data.numbers()
    x[::9, 0] = np.inf
    return x, data.classes(2)


def _huge() -> tuple[Any, Any]:
    return data.numbers() * 1e60, data.amounts()


def _gaps_32() -> tuple[Any, Any]:
    x, y = data.with_gaps()
    return x.astype(np.float32), y


LINES = [
    *[
        exact(f"X of {one}, neighbours", data.of_dtype(one), KNeighborsClassifier)
        for one in _DTYPES
    ],
    *[exact(f"X of {one}, tree", data.of_dtype(one), steps.tree) for one in _DTYPES],
    *[exact(f"X of {one}, linear", data.of_dtype(one, data.amounts), Ridge) for one in _DTYPES],
    *[_strict(one) for one in _DTYPES if one != "bool"],
    exact(
        "X of float32, clusters",
        lambda: (data.of_dtype("float32")()[0], None),
        lambda: KMeans(3, n_init=1, random_state=0),
    ),
    exact("ids beyond 2**53", _large_ids, steps.tree),
    exact(
        "ids beyond 2**53, encoded",
        _large_ids,
        lambda: make_pipeline(steps.ordinal(), steps.tree()),
    ),
    exact(
        "unsigned ids beyond 2**63",
        _large_unsigned,
        lambda: make_pipeline(steps.ordinal(), steps.tree()),
    ),
    exact("array with gaps", data.with_gaps, lambda: HistGradientBoostingClassifier(max_iter=5)),
    exact("float32 with gaps", _gaps_32, lambda: HistGradientBoostingClassifier(max_iter=5)),
    exact(
        "whole numbers as categories",
        _codes,
        lambda: make_pipeline(OneHotEncoder(), steps.logistic()),
    ),
    exact("one column", data.one_column, Ridge),
    exact("many columns", lambda: (data.numbers(60), data.classes(2)), steps.logistic),
    exact("numbers beyond 3.4e38", _huge, Ridge),
    exact(
        "list of lists", lambda: (data.numbers().tolist(), data.classes().tolist()), steps.logistic
    ),
    exact(
        "Fortran order", lambda: (np.asfortranarray(data.numbers()), data.classes()), steps.logistic
    ),
    refused(
        "infinity in X",
        _infinite,
        lambda: HistGradientBoostingClassifier(max_iter=5),
        "MLD215",
        "infin",
    ),
    refused(
        "array of objects",
        _objects,
        lambda: make_pipeline(OneHotEncoder(), steps.logistic()),
        "MLD215",
        "DataFrame",
    ),
    refused(
        "array of texts",
        _texts_and_gaps,
        lambda: make_pipeline(OneHotEncoder(), steps.logistic()),
        "MLD215",
        "DataFrame",
    ),
    refused(
        "3-d images",
        lambda: (data.numbers(16).reshape(-1, 4, 4), data.classes()),
        steps.logistic,
        "MLD213",
        "reshape",
    ),
]

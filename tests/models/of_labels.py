"""Kinds of y, and what estimators answer with them."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

from tests.models import data, steps
from tests.models.line import exact, refused

_L = data.labelled
_CODES = data.classes


def _as(values: list[Any]) -> Any:
    return np.array([values[code] for code in _CODES(len(values))])


def _objects(values: list[Any]) -> Any:
    return np.array([values[code] for code in _CODES(len(values))], dtype=object)


def _frame(names: list[Any]) -> Any:
    return pd.DataFrame(data.multilabel()[1][:, : len(names)], columns=names)


def _texts_of_outputs() -> Any:
    colour = _as(["red", "green", "blue"])
    return np.stack([colour, np.where(_CODES(2) > 0, "yes", "no")], axis=1)


def _sparse() -> Any:
    from scipy import sparse

    return sparse.csr_matrix(data.multilabel()[1])


def _without_last() -> Any:
    """An indicator whose last label no row has."""
    y = data.multilabel()[1]
    y[:, 2] = 0
    return y


KINDS: dict[str, Any] = {
    "int": lambda: _CODES(3),
    "negative int": lambda: _as([-5, -1, 2]),
    "0 and 1": lambda: _CODES(2),
    "-1 and 1": lambda: _as([-1, 1]),
    "large int": lambda: _as([2**40, 2**40 + 1]),
    "int8": lambda: _CODES(3).astype(np.int8),
    "uint8": lambda: _CODES(3).astype(np.uint8),
    "int32": lambda: _CODES(3).astype(np.int32),
    "float": lambda: _as([1.0, 2.0, 3.0]),
    "float32": lambda: _as([0.0, 1.0]).astype(np.float32),
    "bool": lambda: _CODES(2) > 0,
    "str": lambda: _as(["low", "middle", "high"]),
    "str, two": lambda: _as(["no", "yes"]),
    "unicode": lambda: _as(["größer", "мало", "高い"]),
    "with quotes": lambda: _as(['a "b"', "c, d", " e "]),
    "empty text": lambda: _as(["", "x"]),
    "like numbers": lambda: _as(["1", "10", "2"]),
    "like booleans": lambda: _as(["False", "True"]),
    "objects of str": lambda: _objects(["b", "a"]),
    "numpy str": lambda: np.array([np.str_("ab"[code]) for code in _CODES(2)]),
    "list": lambda: [["no", "yes"][code] for code in _CODES(2)],
    "40 classes": lambda: np.arange(data.ROWS) % 40,
    "Series": lambda: pd.Series(_as(["a", "b", "c"]), name="kind"),
    "Series of other index": lambda: pd.Series(_CODES(2), index=range(500, 500 + data.ROWS)),
    "Series of str with pandas' dtype": lambda: pd.Series(_as(["a", "b"]), dtype="string"),
    "Series of Int64": lambda: pd.Series(_CODES(3), dtype="Int64"),
    "Series of boolean": lambda: pd.Series(_CODES(2) > 0, dtype="boolean"),
    "Series of category": lambda: pd.Series(_as(["a", "b"])).astype("category"),
    "Categorical": lambda: pd.Categorical(_as(["a", "b"])),
    "ordered Categorical": lambda: pd.Categorical(_as(["s", "m"]), ["s", "m"], ordered=True),
    "DataFrame of one column": lambda: pd.DataFrame({"kind": _as(["a", "b", "c"])}),
    "(n, 1)": lambda: _CODES(3).reshape(-1, 1),
}

OUTPUTS: dict[str, Any] = {
    "DataFrame": lambda: _frame(["heat", "sign", "noise"]),
    "DataFrame of odd names": lambda: _frame(["a b", "ö", "c.d"]),
    "DataFrame of integer names": lambda: _frame([3, 1, 2]),
    "bool": lambda: data.multilabel()[1] > 0,
    "texts": _texts_of_outputs,
    "a label that no row has": _without_last,
    "negative": lambda: np.stack([_CODES(3) - 1, _CODES(2) * 5], axis=1),
    "sparse": _sparse,
}


def _dates() -> Any:
    return pd.Series(pd.to_datetime("2024-01-01") + pd.to_timedelta(_CODES(3), unit="D"))


LINES = [
    *[exact(f"y of {one}, tree", _L(y), steps.tree) for one, y in KINDS.items()],
    *[exact(f"y of {one}, logistic", _L(y), steps.logistic) for one, y in KINDS.items()],
    *[
        exact(f"y of {one}, SVC", _L(KINDS[one]), SVC)
        for one in ("int", "0 and 1", "-1 and 1", "bool", "str", "str, two", "float", "unicode")
    ],
    *[exact(f"outputs of {one}, forest", _L(y), steps.forest) for one, y in OUTPUTS.items()],
    *[
        exact(f"outputs of {one}, each", _L(y), lambda: MultiOutputClassifier(steps.logistic()))
        for one, y in OUTPUTS.items()
        if one != "a label that no row has"
    ],
    exact(
        "outputs of a pipeline",
        _L(OUTPUTS["DataFrame"]),
        lambda: make_pipeline(StandardScaler(), KNeighborsClassifier()),
    ),
    exact(
        "outputs of an MLP",
        _L(OUTPUTS["DataFrame"]),
        lambda: MLPClassifier((4,), max_iter=20, random_state=0),
    ),
    exact(
        "outputs without probabilities",
        _L(OUTPUTS["DataFrame"]),
        lambda: MultiOutputClassifier(LinearSVC()),
    ),
    exact("outputs of dummies", _L(OUTPUTS["texts"]), lambda: DummyClassifier(strategy="prior")),
    exact(
        "two targets, DataFrame",
        lambda: (data.numbers(), pd.DataFrame(data.two_targets()[1], columns=["width", "height"])),
        Ridge,
    ),
    exact(
        "two targets of int",
        lambda: (data.numbers(), np.round(data.two_targets()[1] * 9).astype(int)),
        lambda: KNeighborsClassifier(1),
    ),
    exact("target of int", lambda: (data.numbers(), _CODES(40)), LinearRegression),
    exact("target of float32", lambda: (data.numbers(), data.amounts().astype(np.float32)), Ridge),
    exact(
        "target of (n, 1)",
        lambda: (data.numbers(), data.amounts().reshape(-1, 1)),
        LinearRegression,
    ),
    exact(
        "target as DataFrame",
        lambda: (data.numbers(), pd.DataFrame({"price": data.amounts()})),
        Ridge,
    ),
    exact(
        "forest of 40 classes",
        _L(KINDS["40 classes"]),
        lambda: RandomForestClassifier(3, random_state=0),
    ),
    exact(
        "tree of texts of outputs",
        _L(_texts_of_outputs),
        lambda: DecisionTreeClassifier(max_depth=3, random_state=0),
    ),
    exact("frame and labels of str", lambda: (data.table(), _as(["no", "yes"])), steps.mixed),
    refused("y of dates", _L(_dates), steps.tree, "MLD213", "dates"),
    refused(
        "y with gaps",
        _L(lambda: np.where(_CODES(3) > 1, np.nan, 1.0)),
        steps.tree,
        "MLD213",
        "missing",
    ),
    refused(
        "y of texts and numbers", _L(lambda: _objects(["a", 1])), steps.tree, "MLD213", "texts"
    ),
    refused(
        "y of lists",
        _L(lambda: [["a", "b"][: 1 + code] for code in _CODES(2)]),
        steps.tree,
        "MLD213",
        "MultiLabelBinarizer",
    ),
    refused(
        "y of another length", lambda: (data.numbers(), _CODES(3)[:-1]), steps.tree, "MLD213", "119"
    ),
    refused("y of complex numbers", _L(lambda: _CODES(3) * 1j), steps.tree, "MLD213", "complex"),
    refused(
        "y of one class", _L(lambda: np.zeros(data.ROWS, int)), LogisticRegression, "MLD21", "class"
    ),
]

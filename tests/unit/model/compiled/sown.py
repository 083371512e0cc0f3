"""Bugs to sow into compiled models: the gate has to find every one.

Each was somebody's, or is one change away from what is there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Binarizer, KBinsDiscretizer, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from mldeploy.model.compiled.nodes import Node

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Model:
    """A fitted estimator, X of its training, and the methods that are compared."""

    estimator: Any
    x: Any
    methods: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """A change of a file below `endpoint/compiled`: a text, and what replaces it."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Values:
    """A change of the arguments of the nodes of a kind."""

    kind: str
    change: Callable[[Arguments], None]


@dataclass(frozen=True)
class Sown:
    """A bug in a model, by its name in `MODELS`."""

    model: str
    bug: Code | Values


PROBABLE = ("predict", "predict_proba")
IRIS, CANCER, SUGAR = load_iris(), load_breast_cancer(), load_diabetes()


def _gaps() -> tuple[Any, Any]:
    """Return rows of which some have missing values that tell the class."""
    x = IRIS.data.copy()
    x[::3, 2] = np.nan
    x[1::5, 3] = np.nan
    return x, IRIS.target


def _ties() -> tuple[Any, Any]:
    """Return rows of few different integers."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, (200, 5)).astype(float)
    return x, (x[:, 0] + x[:, 1] > 3).astype(int)


TEXTS = np.array(
    ["late and cold", "warm and quick", "cold food, late", "quick, friendly, warm"] * 6, object
)
KINDS = np.array([0, 1, 0, 1] * 6)


def _mixed() -> tuple[Any, Any]:
    """Return rows of numbers with gaps and of categories."""
    rng = np.random.default_rng(0)
    x = pd.DataFrame(
        {
            "age": rng.integers(18, 90, 120).astype(float),
            "weight": np.where(rng.random(120) < 0.2, np.nan, rng.normal(70, 9, 120)),
            "city": rng.choice(["Bonn", "Ulm", "Kiel"], 120),
        }
    )
    return x, ((x["age"] > 50) ^ (x["city"] == "Ulm")).to_numpy().astype(int)


def _mixed_model() -> Any:
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), ["age", "weight"]),
            ("city", OneHotEncoder(handle_unknown="ignore"), ["city"]),
        ]
    )
    return make_pipeline(columns, LogisticRegression())


MODELS: dict[str, Callable[[], Model]] = {
    "logistic": lambda: Model(
        make_pipeline(StandardScaler(), LogisticRegression()).fit(IRIS.data, IRIS.target),
        IRIS.data,
        PROBABLE,
    ),
    "two classes": lambda: Model(
        make_pipeline(StandardScaler(), LogisticRegression()).fit(CANCER.data, CANCER.target),
        CANCER.data,
        PROBABLE,
    ),
    "ridge": lambda: Model(Ridge().fit(SUGAR.data, SUGAR.target), SUGAR.data, ("predict",)),
    "tree": lambda: Model(
        DecisionTreeClassifier(max_depth=4, random_state=0).fit(IRIS.data, IRIS.target),
        IRIS.data,
        PROBABLE,
    ),
    "tree of gaps": lambda: Model(
        DecisionTreeClassifier(random_state=0).fit(*_gaps()), _gaps()[0], PROBABLE
    ),
    "forest": lambda: Model(
        RandomForestClassifier(10, random_state=0).fit(*_ties()), _ties()[0], PROBABLE
    ),
    "forest of three": lambda: Model(
        RandomForestClassifier(7, random_state=0).fit(IRIS.data, IRIS.target), IRIS.data, PROBABLE
    ),
    "forest of numbers": lambda: Model(
        RandomForestRegressor(7, max_depth=5, random_state=0).fit(SUGAR.data, SUGAR.target),
        SUGAR.data,
        ("predict",),
    ),
    "nearest": lambda: Model(KNeighborsClassifier(4).fit(*_ties()), _ties()[0], PROBABLE),
    "histogram": lambda: Model(
        HistGradientBoostingClassifier(max_iter=5, random_state=0).fit(*_gaps()),
        _gaps()[0],
        PROBABLE,
    ),
    "histogram of categories": lambda: Model(
        HistGradientBoostingClassifier(
            max_iter=5, categorical_features=[0, 1], min_samples_leaf=3, random_state=0
        ).fit(*_ties()),
        _ties()[0],
        PROBABLE,
    ),
    "frame": lambda: Model(_mixed_model().fit(*_mixed()), _mixed()[0], PROBABLE),
    "texts": lambda: Model(
        make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, KINDS), TEXTS, PROBABLE
    ),
    "accents": lambda: Model(
        make_pipeline(TfidfVectorizer(strip_accents="unicode"), LogisticRegression()).fit(
            TEXTS, KINDS
        ),
        TEXTS,
        PROBABLE,
    ),
    "bins": lambda: Model(
        make_pipeline(KBinsDiscretizer(3, strategy="uniform"), Ridge()).fit(
            SUGAR.data, SUGAR.target
        ),
        SUGAR.data,
        ("predict",),
    ),
    "halves": lambda: Model(
        make_pipeline(Binarizer(threshold=1.2345), LogisticRegression()).fit(
            IRIS.data, IRIS.target
        ),
        IRIS.data,
        PROBABLE,
    ),
    "boosting": lambda: Model(
        GradientBoostingClassifier(n_estimators=5, random_state=0).fit(IRIS.data, IRIS.target),
        IRIS.data,
        PROBABLE,
    ),
    "boosting of two": lambda: Model(
        GradientBoostingClassifier(n_estimators=5, random_state=0).fit(CANCER.data, CANCER.target),
        CANCER.data,
        PROBABLE,
    ),
    "boosting of numbers": lambda: Model(
        GradientBoostingRegressor(n_estimators=5, random_state=0).fit(SUGAR.data, SUGAR.target),
        SUGAR.data,
        ("predict",),
    ),
}


@cache
def model(name: str) -> Model:
    """Return a fitted model, made once."""
    return MODELS[name]()


def nodes_in(value: Any) -> list[Node]:
    """Return all nodes of a tree of nodes."""
    match value:
        case Node():
            return [value, *nodes_in(dict(value.arguments))]
        case dict():
            return [node for one in value.values() for node in nodes_in(one)]
        case list() | tuple():
            return [node for one in value for node in nodes_in(one)]
        case _:
            return []


def _next(array: Any, place: int, toward: float = np.inf) -> Any:
    """Return a copy of an array with one value moved to the next float."""
    found = array.copy()
    found.flat[place] = np.nextafter(found.flat[place], found.dtype.type(toward))
    return found


def _threshold(arguments: Arguments, place: int, toward: float) -> None:
    splits = arguments["splits"]
    splits["thresholds"] = _next(splits["thresholds"], place, toward)


def _set(name: str, change: Callable[[Any], Any]) -> Callable[[Arguments], None]:
    """Return a change of one argument."""

    def changed(arguments: Arguments) -> None:
        arguments[name] = change(arguments[name])

    return changed


def _of_splits(name: str, change: Callable[[Any], Any]) -> Callable[[Arguments], None]:
    def changed(arguments: Arguments) -> None:
        arguments["splits"][name] = change(arguments["splits"][name])

    return changed


def _swapped(array: Any, one: int = 0, other: int = 1) -> Any:
    found = array.copy()
    found[[one, other]] = found[[other, one]]
    return found


def _leaf(arguments: Arguments) -> None:
    """Swap two leaves of a tree: the children of a node."""
    leaves = arguments["leaves"]
    name = "values" if leaves["numbers"] is None else "numbers"
    found = leaves[name].copy()
    other = next(n for n in range(1, len(found)) if (found[n] != found[0]).any())
    leaves[name] = _swapped(found, 0, other)


SOWN: dict[str, Sown] = {
    # Linear models.
    "a coefficient is the next float": Sown(
        "ridge", Values("linear.LinearRegression", _set("coefficients", lambda a: a * (1 + 1e-8)))
    ),
    "the intercept is left out": Sown(
        "ridge", Values("linear.LinearRegression", _set("intercept", lambda _: 0.0))
    ),
    "the order of the classes is permuted": Sown(
        "logistic", Values("linear.LogisticRegression", _set("classes", _swapped))
    ),
    "columns are permuted": Sown(
        "logistic",
        Values("linear.LogisticRegression", _set("coefficients", lambda a: _swapped(a.T).T)),
    ),
    "the scaler forgets the mean": Sown(
        "logistic", Values("scaling.StandardScaler", _set("mean", lambda _: None))
    ),
    "the scaler's deviation is another one": Sown(
        "two classes", Values("scaling.StandardScaler", _set("scale", lambda a: a * (1 + 1e-7)))
    ),
    "probabilities of two classes are swapped": Sown(
        "two classes",
        Code(
            "linear.py",
            "np.stack([1 - second, second], axis=1)",
            "np.stack([second, 1 - second], axis=1)",
        ),
    ),
    "softmax isn't shifted by the largest": Sown(
        "logistic",
        Code("functions.py", "values - values.max(axis=1).reshape(-1, 1)", "values - 0.0"),
    ),
    "softmax sums over rows": Sown(
        "logistic", Code("functions.py", "found.sum(axis=1).reshape(-1, 1)", "found.sum(axis=0)")
    ),
    "infinity passes": Sown(
        "two classes",
        Code("checks.py", 'raise ValueError("a value is missing or infinite")', "pass"),
    ),
    "single precision is enough for a linear model": Sown(
        "ridge",
        Code("sparse.py", "numbers(table) @", "numbers(table).astype(np.float32) @"),
    ),
    # Trees.
    "a threshold moves up by a bit": Sown(
        "tree", Values("forest.Forest", lambda a: _threshold(a, 0, np.inf))
    ),
    "the last threshold moves down by a bit": Sown(
        "tree", Values("forest.Forest", lambda a: _threshold(a, -1, -np.inf))
    ),
    "a threshold of a forest moves by a bit": Sown(
        "forest", Values("forest.Forest", lambda a: _threshold(a, 22, np.inf))
    ),
    "a threshold of boosting moves by a bit": Sown(
        "boosting of numbers", Values("forest.Forest", lambda a: _threshold(a, 9, -np.inf))
    ),
    "smaller is left of smaller or equal": Sown(
        "tree", Code("forest.py", "right = value > self", "right = value >= self")
    ),
    "the cast to single precision is left out": Sown(
        "tree",
        Code("checks.py", "found = found.astype(np.float32)", "found = found.astype(np.float64)"),
    ),
    "two children are swapped": Sown("tree", Values("forest.Forest", _leaf)),
    "two leaves of a forest are swapped": Sown("forest of numbers", Values("forest.Forest", _leaf)),
    "missing values go right": Sown(
        "tree of gaps",
        Values("forest.Forest", _of_splits("missing", lambda a: np.full_like(a, 255))),
    ),
    "missing values go left": Sown(
        "tree of gaps", Values("forest.Forest", _of_splits("missing", np.zeros_like))
    ),
    "a split looks at another column": Sown(
        "forest", Values("forest.Forest", _of_splits("features", lambda a: _swapped(a, 3, 4)))
    ),
    "a class needs more than half of the votes": Sown(
        "forest of three",
        Code(
            "forests.py",
            "self._values(table).argmax(axis=1)",
            "(self._values(table) > 0.5).argmax(axis=1)",
        ),
    ),
    "the mean is over one tree more": Sown(
        "forest of numbers", Code("forests.py", "found /= self._count", "found /= self._count + 1")
    ),
    "the first of equal classes loses": Sown(
        "forest",
        Code(
            "forests.py",
            "self._values(table).argmax(axis=1)",
            "(self._values(table)[:, ::-1].argmax(axis=1) - 1) * -1",
        ),
    ),
    "trees are added in reverse": Sown(
        "forest of numbers",
        Code(
            "forest.py",
            "values[0] += found",
            "values = values[::-1].copy()\n            values[0] += found",
        ),
    ),
    # Boosting.
    "boosting forgets its first value": Sown(
        "boosting of numbers",
        Values("boosting.GradientBoostingRegressor", _set("start", lambda a: a * 0)),
    ),
    "the first values are of another class": Sown(
        "boosting",
        Values("boosting.GradientBoostingClassifier", _set("start", lambda a: a + 1e-8)),
    ),
    "boosting adds a tree to another class": Sown(
        "boosting",
        Code(
            "forest.py",
            "values.reshape(-1, groups, values",
            "values[::-1].copy().reshape(-1, groups, values",
        ),
    ),
    "the logistic function is a softmax of one value": Sown(
        "boosting of two",
        Code(
            "boosting.py",
            'expit(values if self._loss == "log_loss" else 2 * values)',
            "expit(2 * values)",
        ),
    ),
    "boosting's probabilities are swapped": Sown(
        "boosting of two",
        Code(
            "boosting.py",
            "np.stack([1 - second, second], axis=1)",
            "np.stack([second, 1 - second], axis=1)",
        ),
    ),
    # Histograms of values.
    "missing values of a histogram go right": Sown(
        "histogram",
        Values("forest.Forest", _of_splits("missing", lambda a: np.full_like(a, 255))),
    ),
    "a threshold of a histogram moves by a bit": Sown(
        "histogram", Values("forest.Forest", lambda a: _threshold(a, 0, np.inf))
    ),
    "a histogram's values are in single precision": Sown(
        "histogram",
        Code(
            "hist.py",
            "doubles(table, missing=True, infinite=True)",
            "doubles(table, missing=True, infinite=True).astype(np.float32).astype(np.float64)",
        ),
    ),
    "a category goes to the other side": Sown(
        "histogram of categories", Values("hist.Choices", _set("right", lambda a: a ^ 128))
    ),
    "an unknown category goes to the other side": Sown(
        "histogram of categories",
        Code(
            "hist.py",
            "np.where(np.isnan(values), self._missing, values)",
            "np.where(np.isnan(values), 0, values)",
        ),
    ),
    # Steps before an estimator.
    "a gap becomes 0": Sown(
        "frame", Values("imputing.SimpleImputer", _set("values", lambda a: a * 0))
    ),
    "an unknown category is the first one": Sown(
        "frame",
        Values("encoding.OneHotEncoder", _set("unknown", lambda known: [0 for _ in known])),
    ),
    "two categories are swapped": Sown(
        "frame",
        Values("encoding.OneHotEncoder", _set("categories", lambda c: [_swapped(c[0])])),
    ),
    "a column is taken for another": Sown(
        "frame",
        Values("compose.ColumnTransformer", _set("columns", lambda c: ([1, 0], *c[1:]))),
    ),
    "rare words weigh as much as others": Sown(
        "texts", Values("text.TfidfTransformer", _set("weights", lambda _: None))
    ),
    "texts aren't normalised": Sown(
        "texts", Values("text.TfidfTransformer", _set("norm", lambda _: None))
    ),
    "a bin has its upper edge": Sown("bins", Code("encoding.py", 'side="right"', 'side="left"')),
    "the threshold itself becomes 1": Sown(
        "halves", Code("scaling.py", "found > self._threshold", "found >= self._threshold")
    ),
    "wide letters stay wide": Sown(
        "accents",
        Code(
            "text.py",
            'normal = unicodedata.normalize("NFKD"',
            'normal = unicodedata.normalize("NFD"',
        ),
    ),
    # Nearest rows.
    "among equal distances any row wins": Sown(
        "nearest",
        Code(
            "neighbors.py",
            "rows = np.flatnonzero(self._unclear(near))",
            "rows = np.flatnonzero(self._unclear(near) & False)",
        ),
    ),
    "distances are estimated from another center": Sown(
        "nearest", Code("nearest.py", "around = x - self._center", "around = x + self._center")
    ),
    "one neighbor fewer votes": Sown(
        "nearest", Values("nearest.Tree", _set("nearest", lambda n: n - 1))
    ),
    "distances are added without squares": Sown(
        "nearest", Values("nearest.Tree", _set("metric", lambda _: "manhattan"))
    ),
}

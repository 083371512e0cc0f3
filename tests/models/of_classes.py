"""Estimators, hooks and functions of the user's own: projects with files."""

from typing import Any

from tests.models.line import Line

_HEAD = """
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

RNG = np.random.default_rng(0)
A = RNG.normal(size=(120, 3))
LABELS = (A[:, 0] > 0).astype(int)


"""
_DATA = """

def data():
    return A, LABELS


def estimator():
    return Model()
"""
_FRAME = """

def data():
    return pd.DataFrame(A, columns=["a", "b", "c"], index=range(1000, 1120)), LABELS


def estimator():
    return Model()
"""
_VALUES = """

def data():
    return A, A[:, 0] * 2 + 1


def estimator():
    return Model()
"""


def _class(bases: str, body: str, rest: str = _DATA) -> dict[str, str]:
    lines = "\n".join(f"    {line}" if line else "" for line in body.strip().splitlines())
    return {"train.py": f"{_HEAD}class Model({bases}):\n{lines}\n{rest}"}


_FIT = "def fit(self, X, y=None):\n    self.classes_ = np.unique(y)\n    return self\n\n"
_FIT_ONLY = "def fit(self, X, y=None):\n    self.mean_ = np.asarray(X).mean()\n    return self\n\n"
_SIGN = "def predict(self, X):\n    return (np.asarray(X)[:, 0] > 0.1).astype(int)\n"
_PROBA = (
    "\ndef predict_proba(self, X):\n"
    "    p = 1 / (1 + np.exp(-np.asarray(X)[:, 0]))\n"
    "    return np.stack([1 - p, p], axis=1)\n"
)


def _own(name: str, bases: str, body: str, rest: str = _DATA, **more: Any) -> Line:
    return Line(name, files=_class(bases, body, rest), **more)


def _answering(name: str, expression: str, **more: Any) -> Line:
    """A regressor whose predict returns that, of `v`: an array of a value per row."""
    asked = f"def predict(self, X):\n    v = np.asarray(X)[:, 0] * 2\n    return {expression}\n"
    body = _FIT_ONLY + asked
    return _own(name, "RegressorMixin, BaseEstimator", body, _VALUES, **more)


_WHOLE = "BaseEstimator, ClassifierMixin"
_RIGHT = "ClassifierMixin, BaseEstimator"
_SPARSE = "__import__('scipy.sparse').sparse.csr_matrix(np.stack([v, v * 2], axis=1))"

_GLOBAL = """
def fit(self, X, y=None):
    self.classes_ = np.unique(y)
    globals()["LIMIT"] = 0.5
    return self

def predict(self, X):
    return (np.asarray(X)[:, 0] > LIMIT).astype(int)
"""
_LOST = """
def fit(self, X, y=None):
    self.classes_ = np.unique(y)
    self.limit_ = 0.7
    return self

def __getstate__(self):
    return {key: value for key, value in self.__dict__.items() if key != "limit_"}

def predict(self, X):
    return (np.asarray(X)[:, 0] > getattr(self, "limit_", 0.0)).astype(int)
"""
_LOOK_UP = """
def fit(self, X, y=None):
    self.classes_ = np.unique(y)
    self.known_ = pd.Series(y, index=X.index)
    return self

def predict(self, X):
    return self.known_.loc[X.index].to_numpy()
"""
_HIGH = """
def predict(self, X):
    return self.classes_[(self.predict_proba(X)[:, 1] > 0.9).astype(int)]
"""
_FUNCTIONS = """
import numpy as np


def doubled(x):
    return np.hstack([x, x * 2])


def dates_of(x):
    return x.assign(a=x["a"].abs())
"""
_HOOKS = """
def preprocess(X):
    return X.assign(d=X["a"] - X["b"]).drop(columns="c")
"""
_TRANSFORM = """
class Model(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return RESULT
"""


def _transforming(name: str, result: str, rest: str = _DATA) -> Line:
    return Line(name, files={"train.py": _HEAD + _TRANSFORM.replace("RESULT", result) + rest})


def _with_function(name: str, function: str, rest: str) -> Line:
    made = f"make_pipeline(FunctionTransformer({function}), LogisticRegression())"
    text = f"{_HEAD}from functions import dates_of, doubled\n\nModel = lambda: {made}\n{rest}"
    return Line(name, files={"train.py": text, "functions.py": _FUNCTIONS})


LINES = [
    _own("own classifier", _RIGHT, _FIT + _SIGN),
    _own("own classifier with probabilities", _RIGHT, _FIT + _SIGN + _PROBA),
    _own("own classifier, mixins in the wrong order", _WHOLE, _FIT + _SIGN),
    _own("own classifier, wrong order, probabilities", _WHOLE, _FIT + _SIGN + _PROBA),
    _own("own classifier without classes_", _RIGHT, _FIT_ONLY + _SIGN),
    _own(
        "own classifier without classes_, with probabilities",
        _RIGHT,
        _FIT_ONLY + _SIGN + _PROBA,
        refusal=("MLD214", "classes_"),
    ),
    _own("own classifier without a base", "object", _FIT + _SIGN),
    _own("own classifier without a mixin", "BaseEstimator", _FIT + _SIGN + _PROBA),
    _own(
        "own subclass with a predict of its own", "LogisticRegression", _SIGN.replace("0.1", "0.9")
    ),
    _own("own subclass, threshold of its own", "LogisticRegression", _HIGH),
    _own(
        "own regressor, wrong order",
        "BaseEstimator, RegressorMixin",
        _FIT_ONLY + "def predict(self, X):\n    return X[:, 0] * 2 + self.mean_\n",
        _VALUES,
    ),
    _own(
        "own regressor without a base",
        "object",
        _FIT_ONLY + "def predict(self, X):\n    return X[:, 0] * 2\n",
        _VALUES,
    ),
    _own(
        "own regressor that can't be cloned",
        "RegressorMixin, BaseEstimator",
        "def __init__(self, *parts):\n    self.parts = list(parts)\n\n"
        + _FIT_ONLY
        + "def predict(self, X):\n    return X[:, 0] * 2\n",
        _VALUES,
    ),
    _own(
        "own class on names of columns",
        _RIGHT,
        _FIT + 'def predict(self, X):\n    return (X["a"] > X["b"]).to_numpy().astype(int)\n',
        _FRAME,
    ),
    _own(
        "own class that answers with a Series",
        _RIGHT,
        _FIT + 'def predict(self, X):\n    return (X["a"] > X["b"]).astype(int)\n',
        _FRAME,
    ),
    _answering("predict of (n, 1)", "v.reshape(-1, 1)"),
    _answering("predict of (n, 2)", "np.stack([v, v + 1], axis=1)"),
    _answering("predict of a list", "v.tolist()"),
    _answering("predict of a Series", "pd.Series(v)"),
    _answering(
        "predict of a Series with another index", "pd.Series(v, index=range(5, 5 + len(v)))"
    ),
    _answering("predict of a DataFrame", "pd.DataFrame({'low': v - 1, 'high': v + 1})"),
    _answering("predict of a DataFrame of one column", "pd.DataFrame({'v': v})"),
    _answering("predict of a sparse matrix", _SPARSE),
    _answering("predict of a 0-d value for one row", "v.squeeze()"),
    _answering("predict of a number for one row", "v if len(v) > 1 else v[0]"),
    _answering("predict of float32", "v.astype(np.float32)"),
    _answering("predict of integers", "(v * 10).astype(int)"),
    _answering("predict of booleans", "v > 0"),
    _answering(
        "predict with NaN and infinity", "np.where(v > 1, np.inf, np.where(v < -1, np.nan, v))"
    ),
    _answering("predict of fewer answers than rows", "v[v > 0]", refusal=("MLD224", "rows")),
    _answering("predict of one answer for all", "v[:1]", refusal=("MLD224", "rows")),
    _answering(
        "predict that depends on other rows",
        "v - v.mean()",
        refusal=("MLD224", "depends on the other rows"),
    ),
    _answering(
        "predict that fails for one row", "v if len(v) > 1 else v[9]", refusal=("MLD224", "row")
    ),
    _answering(
        "predict by chance",
        "v + np.random.default_rng().normal(size=len(v))",
        refusal=("MLD224", "chance"),
    ),
    _own(
        "index used",
        _RIGHT,
        _FIT + "def predict(self, X):\n    return (X.index.to_numpy() > 1050).astype(int)\n",
        _FRAME,
        refusal=("MLD224", "index"),
    ),
    _own("index used for a look-up", _RIGHT, _LOOK_UP, _FRAME, refusal=("MLD2", "index")),
    _own("state in module globals", _RIGHT, _GLOBAL, refusal=("MLD2", "LIMIT"), full=True),
    _own("state that the pickle loses", _RIGHT, _LOST, refusal=("MLD22", "state")),
    _own(
        "lambda in the model",
        _RIGHT,
        "def __init__(self):\n    self.rule = lambda v: v > 0\n\n" + _FIT + _SIGN,
        refusal=("MLD218", "lambda"),
    ),
    _own(
        "fit fails",
        _RIGHT,
        "def fit(self, X, y=None):\n    raise RuntimeError('no luck')\n\n" + _SIGN,
        refusal=("MLD216", "no luck"),
    ),
    _own("all of train, own classifier", _RIGHT, _FIT + _SIGN + _PROBA, full=True),
    _transforming("own transformer", "X * 2"),
    _transforming("own transformer to a list", "(X * 2).tolist()"),
    _transforming("own transformer to one value", "X[:, 0]"),
    _transforming("own transformer to texts", "np.where(X > 0, 'up', 'down')"),
    _transforming("own transformer to a DataFrame", "X * 2", _FRAME),
    _transforming(
        "own transformer to a sparse matrix",
        "__import__('scipy.sparse').sparse.csr_matrix(np.maximum(X, 0))",
    ),
    _transforming("own transformer to one column", "X[:, :1]"),
    _with_function("FunctionTransformer of an array", "doubled", _DATA),
    _with_function("FunctionTransformer of a frame", "dates_of", _FRAME),
    Line(
        "preprocess",
        files={"train.py": f"{_HEAD}Model = LogisticRegression\n{_FRAME}", "hooks.py": _HOOKS},
        hooks="hooks.py",
    ),
]

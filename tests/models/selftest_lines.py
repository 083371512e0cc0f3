"""Lines for the harness's own tests: models whose answers show what a mutant breaks."""

from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import FixedThresholdClassifier
from sklearn.naive_bayes import GaussianNB

from tests.models import data
from tests.models.line import Line, exact

_BY_INDEX = """
import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin


class ByIndex(ClassifierMixin, BaseEstimator):
    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict(self, X):
        return (X.index.to_numpy() > 1050).astype(int)


def data():
    index = range(1000, 1120)
    return pd.DataFrame({"a": np.arange(120.0), "b": 1.0}, index=index), np.arange(120) // 60


def estimator():
    return ByIndex()
"""


def _lines() -> list[Line]:
    return [
        exact("least squares of float32", data.of_dtype("float32", data.amounts), LinearRegression),
        exact(
            "clusters of float32",
            lambda: (data.of_dtype("float32")()[0], None),
            lambda: KMeans(3, n_init=1, random_state=0),
        ),
        exact(
            "high threshold",
            data.two,
            lambda: FixedThresholdClassifier(GaussianNB(), threshold=0.9),
        ),
        exact("plain", data.regression, LinearRegression),
        Line("by index", files={"train.py": _BY_INDEX}),
    ]


SELF_TEST = {line.name: line for line in _lines()}

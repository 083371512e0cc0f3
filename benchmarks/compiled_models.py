"""The estimators and data sets of the table of compiled models."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn import (
    calibration,
    dummy,
    ensemble,
    linear_model,
    naive_bayes,
    neighbors,
    neural_network,
    svm,
    tree,
)
from sklearn.base import is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

_ROWS = 400


@dataclass(frozen=True)
class Data:
    """A data set.

    Attributes:
        x: an array, or a DataFrame.
        y: the labels, integers.
    """

    x: Any
    y: Any

    @property
    def numbers(self) -> Any:
        """A target of numbers: no two models of it are alike."""
        return self.y + 0.1 * np.arange(len(self.y)) / len(self.y)


def _some(load: Callable[..., Any], *, frame: bool = False) -> Data:
    x, y = load(return_X_y=True, as_frame=frame)
    rows = np.random.default_rng(0).permutation(len(x))[:_ROWS]
    return Data(x.iloc[rows] if frame else x[rows], np.asarray(y)[rows])


def _ties() -> Data:
    """Few different integers: many rows are as far from one another, and trees' votes are even."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, (_ROWS, 6)).astype(float)
    return Data(x, (x[:, 0] + x[:, 1] + rng.integers(0, 2, _ROWS) > 3).astype(int))  # noqa: PLR2004


def _mixed() -> Data:
    """Numbers with gaps, categories and booleans."""
    rng = np.random.default_rng(1)
    age, weight = rng.integers(18, 90, _ROWS).astype(float), rng.normal(70, 12, _ROWS)
    weight[rng.random(_ROWS) < 0.1] = np.nan  # noqa: PLR2004
    city = rng.choice(["Bonn", "K\u00f6ln", "Ulm"], _ROWS)
    x = pd.DataFrame({"age": age, "weight": weight, "city": city, "new": rng.random(_ROWS) < 0.5})  # noqa: PLR2004
    return Data(x, ((age > 50) ^ (city == "Ulm")).astype(int))  # noqa: PLR2004


DATA: dict[str, Callable[[], Data]] = {
    "iris": lambda: _some(load_iris),
    "wine": lambda: _some(load_wine),
    "cancer": lambda: _some(load_breast_cancer, frame=True),
    "digits": lambda: _some(load_digits),
    "ties": _ties,
    "mixed": _mixed,
}


def pipeline(estimator: Any, data: Data) -> Any:
    """Return a fitted pipeline that prepares a data set for an estimator."""
    scaler = MinMaxScaler() if "NB" in type(estimator).__name__ else StandardScaler()
    prepared: Any = scaler
    if "city" in getattr(data.x, "columns", ()):
        numbers = make_pipeline(SimpleImputer(), scaler)
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        prepared = ColumnTransformer(
            [("numbers", numbers, ["age", "weight"]), ("texts", encoder, ["city"])],
            remainder="passthrough",
        )
    y = data.y if is_classifier(estimator) else data.numbers
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make_pipeline(prepared, estimator).fit(data.x, y)


ESTIMATORS: dict[str, Callable[[], Any]] = {
    "LogisticRegression": linear_model.LogisticRegression,
    "SGDClassifier": lambda: linear_model.SGDClassifier(loss="log_loss", random_state=0),
    "RidgeClassifier": linear_model.RidgeClassifier,
    "LinearSVC": lambda: svm.LinearSVC(random_state=0),
    "SVC": svm.SVC,
    "KNeighborsClassifier": neighbors.KNeighborsClassifier,
    "GaussianNB": naive_bayes.GaussianNB,
    "MultinomialNB": naive_bayes.MultinomialNB,
    "BernoulliNB": naive_bayes.BernoulliNB,
    "DecisionTreeClassifier": lambda: tree.DecisionTreeClassifier(random_state=0),
    "RandomForestClassifier": lambda: ensemble.RandomForestClassifier(random_state=0),
    "ExtraTreesClassifier": lambda: ensemble.ExtraTreesClassifier(random_state=0),
    "GradientBoostingClassifier": lambda: ensemble.GradientBoostingClassifier(
        n_estimators=30, random_state=0
    ),
    "HistGradientBoostingClassifier": lambda: ensemble.HistGradientBoostingClassifier(
        max_iter=30, random_state=0
    ),
    "AdaBoostClassifier": lambda: ensemble.AdaBoostClassifier(random_state=0),
    "VotingClassifier": lambda: ensemble.VotingClassifier(
        [("a", linear_model.LogisticRegression()), ("b", naive_bayes.GaussianNB())], voting="soft"
    ),
    "StackingClassifier": lambda: ensemble.StackingClassifier(
        [("a", linear_model.LogisticRegression()), ("b", tree.DecisionTreeClassifier(max_depth=3))]
    ),
    "CalibratedClassifierCV": lambda: calibration.CalibratedClassifierCV(
        svm.LinearSVC(random_state=0), cv=3
    ),
    "MLPClassifier": lambda: neural_network.MLPClassifier(
        hidden_layer_sizes=(20,), max_iter=60, random_state=0
    ),
    "DummyClassifier": dummy.DummyClassifier,
    "LinearRegression": linear_model.LinearRegression,
    "Ridge": linear_model.Ridge,
    "Lasso": lambda: linear_model.Lasso(0.01),
    "ElasticNet": lambda: linear_model.ElasticNet(0.01),
    "SGDRegressor": lambda: linear_model.SGDRegressor(random_state=0),
    "SVR": svm.SVR,
    "KNeighborsRegressor": lambda: neighbors.KNeighborsRegressor(weights="distance"),
    "DecisionTreeRegressor": lambda: tree.DecisionTreeRegressor(random_state=0),
    "RandomForestRegressor": lambda: ensemble.RandomForestRegressor(random_state=0),
    "GradientBoostingRegressor": lambda: ensemble.GradientBoostingRegressor(
        n_estimators=30, random_state=0
    ),
    "HistGradientBoostingRegressor": lambda: ensemble.HistGradientBoostingRegressor(
        max_iter=30, random_state=0
    ),
    "MLPRegressor": lambda: neural_network.MLPRegressor(
        hidden_layer_sizes=(20,), max_iter=60, random_state=0
    ),
}

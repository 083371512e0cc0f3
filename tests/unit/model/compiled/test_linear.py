"""Linear models, compiled: the gate compares them with the estimators."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Perceptron,
    Ridge,
    RidgeClassifier,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)

REGRESSORS = [LinearRegression(), Ridge(), Lasso(0.01), ElasticNet(0.01)]
CLASSIFIERS = [LinearSVC(random_state=0), RidgeClassifier(), Perceptron(random_state=0)]


@pytest.mark.parametrize("estimator", REGRESSORS, ids=lambda one: type(one).__name__)
def test_a_regressor_predicts_the_same(estimator: Any, tmp_path: Path) -> None:
    """For rows of every kind, one value a row."""
    found = compiled(estimator.fit(X, Y + X[:, 0]), X, ("predict",), tmp_path / "m")
    assert found.points > len(X)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("estimator", CLASSIFIERS, ids=lambda one: type(one).__name__)
def test_a_classifier_predicts_the_same(estimator: Any, classes: int, tmp_path: Path) -> None:
    """Labels and decision values, of two classes and of several."""
    some = classes > Y
    estimator.fit(X[some], np.array(["a", "b", "c"])[Y[some]])
    compiled(estimator, X[some], ("predict", "decision_function"), tmp_path / "m")


@pytest.mark.parametrize("table", ["array", "dataframe"])
@pytest.mark.parametrize("classes", [2, 3])
def test_probabilities_are_equal(classes: int, table: str, tmp_path: Path) -> None:
    """Of logistic regression behind a scaler, on an array and on a DataFrame."""
    x, y = load_iris(return_X_y=True, as_frame=table == "dataframe")
    some = np.asarray(y) < classes
    x, y = (x[some], y[some])
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y)
    compiled(pipeline, x, ("predict", "predict_proba"), tmp_path / "m")

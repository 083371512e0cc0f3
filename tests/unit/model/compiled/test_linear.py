"""Linear models, compiled: the gate compares them with the estimators."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.linear_model import (
    ElasticNet,
    Lasso,
    LinearRegression,
    LogisticRegression,
    MultiTaskLasso,
    Perceptron,
    PoissonRegressor,
    RANSACRegressor,
    Ridge,
    RidgeClassifier,
    SGDClassifier,
    SGDOneClassSVM,
    SGDRegressor,
    TweedieRegressor,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)

REGRESSORS = [
    LinearRegression(),
    Ridge(),
    Lasso(0.01),
    ElasticNet(0.01),
    SGDRegressor(random_state=0),
    PoissonRegressor(),
    TweedieRegressor(power=0),
    RANSACRegressor(random_state=0),
]
PROBABLE = [
    SGDClassifier(loss="log_loss", random_state=0),
    SGDClassifier(loss="modified_huber", random_state=0),
    LinearDiscriminantAnalysis(),
    QuadraticDiscriminantAnalysis(reg_param=0.1),
]
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


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("estimator", PROBABLE, ids=str)
def test_probabilities_of_others(estimator: Any, classes: int, tmp_path: Path) -> None:
    """One class against the rest, a straight line, and normal distributions."""
    x, y = X[classes > Y], Y[classes > Y]
    methods = ("predict", "predict_proba", "decision_function")
    assert compiled(estimator.fit(x, y), x, methods, tmp_path / "m").largest == 0.0


@pytest.mark.parametrize("classes", [2, 3])
def test_floats_of_32_bits(classes: int, tmp_path: Path) -> None:
    """scikit-learn computes them in 32 bits, and so does scipy's logistic function."""
    x, y = X[classes > Y].astype(np.float32), Y[classes > Y]
    estimator = LogisticRegression().fit(x, y)
    assert compiled(estimator, x, ("predict", "predict_proba"), tmp_path / "m").largest == 0.0


def test_several_outputs(tmp_path: Path) -> None:
    """Values of shape (rows, outputs)."""
    estimator = MultiTaskLasso(0.01).fit(X, np.stack([Y, X[:, 0]], axis=1))
    compiled(estimator, X, ("predict",), tmp_path / "m")


def test_outliers(tmp_path: Path) -> None:
    """Labels 1 and -1, and scores."""
    methods = ("predict", "decision_function", "score_samples")
    compiled(SGDOneClassSVM(random_state=0).fit(X), X, methods, tmp_path / "m")


def test_probabilities_for_several_labels_are_refused(tmp_path: Path) -> None:
    """A RidgeClassifier then returns a matrix."""
    estimator = RidgeClassifier().fit(X, np.eye(3)[Y].astype(int))
    with pytest.raises(NotCompilableError, match="several labels"):
        compiled(estimator, X, ("predict",), tmp_path / "m")

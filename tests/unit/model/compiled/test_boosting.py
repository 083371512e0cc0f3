"""Boosted trees, compiled: the gate compares them with the estimators."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeClassifier

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)
CANCER = load_breast_cancer(return_X_y=True)
ALL = ("predict", "predict_proba", "decision_function")
SMALL = {"n_estimators": 6, "random_state": 0}


@pytest.mark.parametrize("loss", ["log_loss", "exponential"])
@pytest.mark.parametrize("init", [None, "zero"])
def test_two_classes_have_the_same_probabilities(
    loss: str, init: str | None, tmp_path: Path
) -> None:
    """From the prior of the classes, or from zero."""
    estimator = GradientBoostingClassifier(loss=loss, init=init, **SMALL).fit(*CANCER)
    compiled(estimator, CANCER[0], ALL, tmp_path / "m")


@pytest.mark.parametrize("init", [None, "zero", DecisionTreeClassifier(max_depth=2)])
def test_several_classes_have_the_same_probabilities(init: Any, tmp_path: Path) -> None:
    """From the prior of the classes, from zero, or from an estimator."""
    estimator = GradientBoostingClassifier(init=init, **SMALL).fit(X, Y)
    found = compiled(estimator, X, ALL, tmp_path / "m")
    assert found.splits == found.of_splits > 0


def test_a_sum_of_zero_is_the_second_class(tmp_path: Path) -> None:
    """Balanced classes begin at zero, and a leaf of both adds nothing."""
    x = np.array([[0.0], [0.0], [1.0], [2.0]] * 20)
    y = np.array([0, 1, 0, 1] * 20)
    estimator = GradientBoostingClassifier(init="zero", **SMALL).fit(x, y)
    assert (estimator.decision_function(x) == 0).any()
    compiled(estimator, x, ALL, tmp_path / "m")


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "quantile"])
def test_a_regressor_predicts_the_same(loss: str, tmp_path: Path) -> None:
    """From the mean, the median or a quantile."""
    estimator = GradientBoostingRegressor(loss=loss, **SMALL).fit(X, X[:, 0] + Y)
    compiled(estimator, X, ("predict",), tmp_path / "m")


def test_a_regressor_begins_with_an_estimator(tmp_path: Path) -> None:
    """It gets the rows as float32."""
    estimator = GradientBoostingRegressor(init=Ridge(), **SMALL).fit(X, Y)
    compiled(estimator, X, ("predict",), tmp_path / "m")


@pytest.mark.parametrize("classes", [2, 3, 11])
def test_weighted_votes_are_equal(classes: int, tmp_path: Path) -> None:
    """Labels, decision values and probabilities."""
    y = np.arange(len(X)) % classes
    estimator = AdaBoostClassifier(DecisionTreeClassifier(max_depth=3), **SMALL).fit(X, y)
    compiled(estimator, X, ALL, tmp_path / "m")


def test_votes_of_zero_are_the_first_class(tmp_path: Path) -> None:
    """Two trees with the same weight disagree."""
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    estimator = AdaBoostClassifier(n_estimators=2, random_state=0).fit(x, [0, 1, 1, 1])
    estimator.estimator_weights_[:] = 1.0
    assert (estimator.decision_function(x) == 0).any()
    compiled(estimator, x, ALL, tmp_path / "m")


def test_the_weighted_median_is_equal(tmp_path: Path) -> None:
    """Of trees with different weights, and of an even number of equal ones: the lower middle."""
    estimator = AdaBoostRegressor(n_estimators=20, random_state=0).fit(X, X[:, 0].round())
    compiled(estimator, X, ("predict",), tmp_path / "m")
    estimator = AdaBoostRegressor(n_estimators=6, random_state=0).fit(X, X[:, 0])
    assert len(estimator.estimators_) == 6
    estimator.estimator_weights_[:] = 1.0
    compiled(estimator, X, ("predict",), tmp_path / "m")


def test_other_estimators_than_trees_are_refused(tmp_path: Path) -> None:
    """With the reason."""
    estimator = AdaBoostClassifier(LogisticRegression(), **SMALL).fit(X, Y)
    with pytest.raises(NotCompilableError, match="its estimators are no trees"):
        compiled(estimator, X, ("predict",), tmp_path / "m")

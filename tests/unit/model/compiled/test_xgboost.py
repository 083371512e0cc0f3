"""XGBoost's models, compiled: the gate compares them with the estimators."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from xgboost import XGBClassifier, XGBRegressor, XGBRFClassifier, XGBRFRegressor

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)
RNG = np.random.default_rng(0)
GAPS = np.where(RNG.random(X.shape) < 0.2, np.nan, X)
CANCER = load_breast_cancer(return_X_y=True)
BOTH = ("predict", "predict_proba")
SMALL = {"n_estimators": 6, "max_depth": 4, "n_jobs": 1}


def test_two_classes_have_the_same_probabilities(tmp_path: Path) -> None:
    """At every split and beside it."""
    found = compiled(XGBClassifier(**SMALL).fit(*CANCER), CANCER[0], BOTH, tmp_path / "m")
    assert found.largest == 0
    assert found.splits == found.of_splits > 0


@pytest.mark.parametrize("classes", [3, 11])
def test_several_classes_have_the_same_probabilities(classes: int, tmp_path: Path) -> None:
    """Missing values go where they went in training."""
    estimator = XGBClassifier(**SMALL).fit(GAPS, np.arange(len(X)) % classes)
    assert compiled(estimator, GAPS, BOTH, tmp_path / "m").largest == 0


OBJECTIVES = ("reg:squarederror", "reg:absoluteerror", "reg:logistic", "count:poisson", "reg:gamma")


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_regressor_predicts_the_same(objective: str, tmp_path: Path) -> None:
    """Sums of float32, or their exponentials."""
    y = X[:, 0] / 10 if objective == "reg:logistic" else X[:, 0]
    estimator = XGBRegressor(objective=objective, **SMALL).fit(GAPS, y)
    assert compiled(estimator, GAPS, ("predict",), tmp_path / "m").largest == 0


def test_forests_predict_the_same(tmp_path: Path) -> None:
    """Of two classes, and of numbers."""
    options = {"n_estimators": 5, "n_jobs": 1}
    compiled(XGBRFClassifier(**options).fit(*CANCER), CANCER[0], BOTH, tmp_path / "m")
    compiled(XGBRFRegressor(**options).fit(X, Y), X, ("predict",), tmp_path / "m2")


def test_the_columns_of_a_frame_are_cast_alone(tmp_path: Path) -> None:
    """An integer becomes a float32 without a float64 in between."""
    table = pd.DataFrame({"a": X[:, 0], "whole": RNG.integers(2**24, 2**26, len(X))})
    estimator = XGBRegressor(**SMALL).fit(table, Y + table.whole % 7)
    compiled(estimator, table, ("predict",), tmp_path / "m")


def test_the_best_trees_predict(tmp_path: Path) -> None:
    """With early stopping, later ones don't."""
    estimator = XGBClassifier(early_stopping_rounds=2, learning_rate=1.0, n_jobs=1)
    estimator.fit(X[::2], Y[::2], eval_set=[(X[1::2], Y[1::2])], verbose=False)
    assert estimator.best_iteration + 1 < estimator.get_booster().num_boosted_rounds()
    compiled(estimator, X, BOTH, tmp_path / "m")


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (XGBRegressor(booster="dart", **SMALL), "the booster 'dart' isn't known"),
        (XGBRegressor(booster="gblinear", n_estimators=2), "the booster 'gblinear' isn't known"),
        (XGBRegressor(rate_drop=0.5, **SMALL), "its trees have weights"),
        (XGBRegressor(missing=0.0, **SMALL), "missing isn't NaN"),
        (XGBRegressor(objective="reg:squaredlogerror", **SMALL), "the objective"),
        (XGBRFClassifier(n_estimators=2, n_jobs=1), "the trees of classes have another order"),
        (XGBRegressor(feature_types=["c", "q", "q", "q"], **SMALL), "columns of categories"),
    ],
)
def test_unknown_options_are_refused(estimator: Any, reason: str, tmp_path: Path) -> None:
    """With the reason."""
    estimator.fit(np.column_stack([Y, X[:, 1:]]), Y)
    with pytest.raises(NotCompilableError, match=reason):
        compiled(estimator, X, ("predict",), tmp_path / "m")

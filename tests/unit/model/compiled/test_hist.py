"""Boosted trees with missing values and categories, compiled: the gate compares the estimators."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)
GAPS = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
CANCER = load_breast_cancer(return_X_y=True)
ALL = ("predict", "predict_proba", "decision_function")
SMALL = {"max_iter": 5, "random_state": 0}


def test_two_classes_have_the_same_probabilities(tmp_path: Path) -> None:
    """At every split and beside it."""
    estimator = HistGradientBoostingClassifier(**SMALL).fit(*CANCER)
    found = compiled(estimator, CANCER[0], ALL, tmp_path / "m")
    assert found.splits == found.of_splits > 0


@pytest.mark.parametrize("classes", [3, 11])
def test_several_classes_have_the_same_probabilities(classes: int, tmp_path: Path) -> None:
    """Missing values go where they went in training."""
    labels = np.array(list("kjihgfedcba"))[np.arange(len(X)) % classes]
    estimator = HistGradientBoostingClassifier(**SMALL, min_samples_leaf=5).fit(GAPS, labels)
    compiled(estimator, GAPS, ALL, tmp_path / "m")


def test_a_sum_of_zero_is_the_first_class(tmp_path: Path) -> None:
    """Balanced classes begin at zero, and a leaf of both adds nothing."""
    x = np.repeat([[0.0], [0.0], [1.0], [2.0]], 40, axis=0)
    y = np.repeat([0, 1, 0, 1], 40)
    estimator = HistGradientBoostingClassifier(**SMALL).fit(x, y)
    assert (estimator.decision_function(x) == 0).any()
    compiled(estimator, x, ALL, tmp_path / "m")


@pytest.mark.parametrize(
    "loss", ["squared_error", "absolute_error", "quantile", "gamma", "poisson"]
)
def test_a_regressor_predicts_the_same(loss: str, tmp_path: Path) -> None:
    """Some losses have sums of logarithms."""
    quantile = 0.3 if loss == "quantile" else None
    estimator = HistGradientBoostingRegressor(loss=loss, quantile=quantile, **SMALL)
    compiled(estimator.fit(GAPS, X[:, 0]), GAPS, ("predict",), tmp_path / "m")


def test_an_unknown_loss_is_refused(tmp_path: Path) -> None:
    """With the reason."""
    estimator = HistGradientBoostingRegressor(**SMALL).fit(X, Y)
    estimator.loss = "another"
    with pytest.raises(NotCompilableError, match="the loss 'another' isn't known"):
        compiled(estimator, X, ("predict",), tmp_path / "m")


ROWS = 400
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {
        "number": RNG.normal(size=ROWS),
        "text": RNG.choice(list("abcdefghij"), ROWS),
        "whole": RNG.integers(0, 5, ROWS),
        "category": pd.Categorical.from_codes(RNG.integers(-1, 6, ROWS), list("uvwxyz")),
        "gaps": np.where(RNG.random(ROWS) < 0.2, np.nan, RNG.normal(size=ROWS)),
        "optional": RNG.choice(np.array(["p", "q", None], dtype=object), ROWS),
    }
)
TARGET = TABLE.number + TABLE.text.map(ord) % 3 + (TABLE.category == "v") + (TABLE.optional == "p")


@pytest.mark.parametrize(
    "categorical",
    [
        ["text", "whole", "category", "optional"],
        [False, True, False, True, False, True],
        [1, 3, 5],
    ],
    ids=["names", "mask", "numbers"],
)
def test_categories_go_the_same_way(categorical: Any, tmp_path: Path) -> None:
    """Known, unknown and missing ones, at every split."""
    estimator = HistGradientBoostingRegressor(categorical_features=categorical, **SMALL)
    found = compiled(estimator.fit(TABLE, TARGET), TABLE, ("predict",), tmp_path / "m")
    assert found.splits == found.of_splits > 0


def test_categories_are_known_by_their_dtype(tmp_path: Path) -> None:
    """In a table with columns of numbers beside them."""
    table = TABLE[["number", "category", "gaps"]]
    estimator = HistGradientBoostingClassifier(**SMALL).fit(table, TARGET.gt(2.0))
    compiled(estimator, table, ALL, tmp_path / "m")


def test_categories_may_be_numbers_of_an_array(tmp_path: Path) -> None:
    """Also if no other column is left."""
    x = np.where(RNG.random(ROWS) < 0.1, np.nan, TABLE.whole * 2.0).reshape(-1, 1)
    estimator = HistGradientBoostingRegressor(categorical_features=[0], **SMALL)
    compiled(estimator.fit(x, TARGET), x, ("predict",), tmp_path / "m")

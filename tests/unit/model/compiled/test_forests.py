"""Forests, compiled: the gate compares them with the estimators."""

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)
GAPS = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
LABELS = np.array(["a", "b", "c"])[Y]
BOTH = ("predict", "predict_proba")
SMALL = {"n_estimators": 6, "random_state": 0}


@pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesClassifier])
def test_votes_that_tie_decide_alike(kind: Any, tmp_path: Path) -> None:
    """Rounded columns and labels by chance: many leaves hold several classes."""
    x = np.random.default_rng(0).integers(0, 3, (200, 4)).astype(float)
    y = np.random.default_rng(1).integers(0, 3, 200)
    forest = kind(n_estimators=12, random_state=0, max_depth=3, n_jobs=2)
    found = compiled(forest.fit(x, y), x, BOTH, tmp_path / "m")
    assert found.splits == found.of_splits > 0


def test_probabilities_of_many_classes_are_equal(tmp_path: Path) -> None:
    """On a table with missing values."""
    labels = np.arange(len(X)) % 11
    forest = RandomForestClassifier(max_depth=4, **SMALL).fit(GAPS, labels)
    compiled(forest, GAPS, BOTH, tmp_path / "m")


@pytest.mark.parametrize("y", [X[:, 0], X[:, :2]], ids=["one", "two"])
@pytest.mark.parametrize("kind", [RandomForestRegressor, ExtraTreesRegressor])
def test_a_regressor_predicts_the_same(kind: Any, y: Any, tmp_path: Path) -> None:
    """One value a row, or several."""
    forest = kind(n_estimators=20, max_depth=5, random_state=0)  # np.sum adds so many in pairs
    found = compiled(forest.fit(X, y), X, ("predict",), tmp_path / "m")
    assert found.largest == 0


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_scores_of_an_isolation_forest_are_equal(share: float, tmp_path: Path) -> None:
    """With trees of some columns, and missing and infinite values."""
    forest = IsolationForest(max_features=share, contamination=0.1, **SMALL).fit(GAPS)
    methods = ("predict", "score_samples", "decision_function")
    assert compiled(forest, GAPS, methods, tmp_path / "m").splits


def test_a_score_at_the_border_is_an_inlier(tmp_path: Path) -> None:
    """The share of outliers puts the border on the score of a row."""
    x = np.arange(101, dtype=float).reshape(-1, 1)
    forest = IsolationForest(contamination=0.1, **SMALL).fit(x)
    assert (forest.decision_function(x) == 0).any()
    compiled(forest, x, ("predict",), tmp_path / "m")


def test_bagged_trees_predict_the_same(tmp_path: Path) -> None:
    """Of some columns each."""
    trees = BaggingClassifier(max_features=0.5, max_samples=9, **SMALL).fit(GAPS, LABELS)
    compiled(trees, GAPS, BOTH, tmp_path / "m")
    numbers = BaggingRegressor(max_features=0.5, **SMALL).fit(GAPS, Y)
    compiled(numbers, GAPS, ("predict",), tmp_path / "m2")


def test_the_file_of_a_forest_is_small(tmp_path: Path) -> None:
    """Its splits take bytes, and leaves share their values."""
    x, y = load_breast_cancer(return_X_y=True)
    forest = RandomForestClassifier(n_estimators=20, random_state=0).fit(x, y)
    compiled(forest, x[:100], ("predict",), tmp_path / "m")
    nodes = sum(tree.tree_.node_count for tree in forest.estimators_)
    assert (tmp_path / "m").stat().st_size < 5 * nodes


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (BaggingClassifier(KNeighborsClassifier()), "its estimators are no trees"),
        (BaggingClassifier(n_jobs=2), "n_jobs changes the order of its sums"),
        (IsolationForest(max_samples=1), "its trees have one row each"),
    ],
)
def test_unknown_options_are_refused(estimator: Any, reason: str, tmp_path: Path) -> None:
    """With the reason."""
    with joblib.parallel_config("threading"):
        estimator.fit(X, Y)
    with pytest.raises(NotCompilableError, match=reason):
        compiled(estimator, X, ("predict",), tmp_path / "m")


@pytest.mark.parametrize("kind", [RandomForestClassifier, GradientBoostingClassifier])
def test_sparse_tables_predict_the_same(kind: Any, tmp_path: Path) -> None:
    """An encoder makes them of categories."""
    table = pd.DataFrame({"a": np.tile(list("abcdefghij"), 15), "b": X[:, 0].astype(str)})
    pipeline = make_pipeline(OneHotEncoder(handle_unknown="ignore"), kind(**SMALL))
    found = compiled(pipeline.fit(table, LABELS), table, BOTH, tmp_path / "m")
    assert found.splits == found.of_splits > 0

"""Decision trees, compiled: the gate compares them with the estimators."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)
LABELS = np.array(["a", "b", "c"])[Y]
BOTH = ("predict", "predict_proba")


def gaps(x: Any) -> Any:
    """Return a table with missing values."""
    found = x.copy()
    found[np.random.default_rng(0).random(x.shape) < 0.2] = np.nan
    return found


@pytest.mark.parametrize("x", [X, gaps(X)], ids=["complete", "gaps"])
@pytest.mark.parametrize("kind", [DecisionTreeClassifier, ExtraTreeClassifier])
def test_a_classifier_predicts_the_same(kind: Any, x: Any, tmp_path: Path) -> None:
    """Labels and probabilities, at every split and beside it."""
    found = compiled(kind(random_state=0).fit(x, LABELS), x, BOTH, tmp_path / "m")
    assert found.splits == found.of_splits > 0


@pytest.mark.parametrize("y", [X[:, 0], X[:, :2]], ids=["one", "two"])
@pytest.mark.parametrize("kind", [DecisionTreeRegressor, ExtraTreeRegressor])
def test_a_regressor_predicts_the_same(kind: Any, y: Any, tmp_path: Path) -> None:
    """One value a row, or several; missing values go where they went in training."""
    found = compiled(kind(random_state=0).fit(gaps(X), y), gaps(X), ("predict",), tmp_path / "m")
    assert found.splits == found.of_splits > 0


def test_thresholds_between_two_singles_decide_alike(tmp_path: Path) -> None:
    """A threshold of 64 bits lies between two floats of 32 bits, nearer to either."""
    x = np.float32(1 / 3) * np.arange(1, 40, dtype=np.float32).reshape(-1, 1)
    x = np.sort(np.concatenate([x, np.nextafter(x, np.float32(99))]), axis=0)
    tree = DecisionTreeRegressor().fit(x, np.arange(len(x)))
    compiled(tree, x, ("predict",), tmp_path / "m")


def test_a_tree_behind_a_scaler_predicts_the_same(tmp_path: Path) -> None:
    """The rows of its splits are asked of the tree alone."""
    pipeline = make_pipeline(StandardScaler(), DecisionTreeClassifier(random_state=0))
    found = compiled(pipeline.fit(X, LABELS), X, BOTH, tmp_path / "m")
    assert found.splits == found.of_splits > 0


def test_a_tree_without_splits_predicts_the_same(tmp_path: Path) -> None:
    """It is a single leaf."""
    compiled(
        DecisionTreeRegressor(max_leaf_nodes=None).fit(X, 0 * Y), X, ("predict",), tmp_path / "m"
    )


def test_several_outputs_of_classes_are_refused(tmp_path: Path) -> None:
    """With the reason."""
    tree = DecisionTreeClassifier().fit(X, np.column_stack([Y, Y]))
    with pytest.raises(NotCompilableError, match="several outputs of classes"):
        compiled(tree, X, ("predict",), tmp_path / "m")

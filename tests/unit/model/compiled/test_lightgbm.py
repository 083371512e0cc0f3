"""LightGBM's models, compiled: the gate compares them with the estimators."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lightgbm import LGBMClassifier, LGBMRegressor, early_stopping
from sklearn.datasets import load_breast_cancer, load_iris

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)
RNG = np.random.default_rng(0)
GAPS = np.where(RNG.random(X.shape) < 0.2, np.nan, X)
SIGNS = np.where(RNG.random(X.shape) < 0.3, 0.0, X - X.mean(axis=0))
CANCER = load_breast_cancer(return_X_y=True)
BOTH = ("predict", "predict_proba")
SMALL: dict[str, Any] = {"n_estimators": 6, "num_leaves": 8, "n_jobs": 1, "verbose": -1}


@pytest.mark.parametrize("sigmoid", [1.0, 0.7])
def test_two_classes_have_the_same_probabilities(sigmoid: float, tmp_path: Path) -> None:
    """At every split and beside it."""
    estimator = LGBMClassifier(sigmoid=sigmoid, **SMALL).fit(*CANCER)
    found = compiled(estimator, CANCER[0], BOTH, tmp_path / "m")
    assert found.largest == 0
    assert found.splits == found.of_splits > 0


@pytest.mark.parametrize("x", [GAPS, SIGNS], ids=["gaps", "zeros"])
def test_several_classes_have_the_same_probabilities(x: Any, tmp_path: Path) -> None:
    """A missing value in a column that had none in training is 0, as are the smallest numbers."""
    estimator = LGBMClassifier(**SMALL).fit(x, np.array(["a", "b", "c"])[Y])
    assert compiled(estimator, x, BOTH, tmp_path / "m").largest == 0


@pytest.mark.parametrize("objective", ["regression", "huber", "quantile", "poisson", "tweedie"])
def test_a_regressor_predicts_the_same(objective: str, tmp_path: Path) -> None:
    """Sums, or their exponentials."""
    estimator = LGBMRegressor(objective=objective, **SMALL).fit(GAPS, X[:, 0])
    assert compiled(estimator, GAPS, ("predict",), tmp_path / "m").largest == 0


def test_integers_become_float32_only_in_an_array(tmp_path: Path) -> None:
    """In a frame they become float64."""
    whole = 2**25 + np.arange(len(X)).reshape(-1, 1)
    estimator = LGBMRegressor(**SMALL).fit(whole, whole[:, 0] % 7)
    compiled(estimator, whole, ("predict",), tmp_path / "m")
    table = pd.DataFrame({"whole": whole[:, 0], "a": X[:, 0].astype("float32"), "b": Y > 1})
    estimator = LGBMRegressor(**SMALL).fit(table, table.whole % 7)
    compiled(estimator, table, ("predict",), tmp_path / "m2")


def test_the_best_trees_predict(tmp_path: Path) -> None:
    """With early stopping, later ones don't."""
    estimator = LGBMClassifier(n_estimators=50, learning_rate=1.0, n_jobs=1, verbose=-1)
    stop = early_stopping(2, verbose=False)
    estimator.fit(X[::2], Y[::2], eval_set=[(X[1::2], Y[1::2])], callbacks=[stop])
    assert estimator.best_iteration_ < 50
    compiled(estimator, X, BOTH, tmp_path / "m")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5}, "it predicts means"),
        ({"reg_sqrt": True}, "the objective 'regression sqrt'"),
        ({"zero_as_missing": True}, "zeros are missing values"),
        ({"linear_tree": True}, "its leaves are linear"),
        ({"pred_early_stop": True}, "predictions may stop early"),
    ],
)
def test_unknown_options_are_refused(options: Any, reason: str, tmp_path: Path) -> None:
    """With the reason."""
    estimator = LGBMRegressor(**options, **SMALL).fit(SIGNS, X[:, 0])
    with pytest.raises(NotCompilableError, match=reason):
        compiled(estimator, SIGNS, ("predict",), tmp_path / "m")


def test_categories_are_refused(tmp_path: Path) -> None:
    """With the reason."""
    table = pd.DataFrame({"a": X[:, 0], "kind": pd.Categorical(np.array(["a", "b", "c"])[Y])})
    with pytest.raises(NotCompilableError, match="it has columns of categories"):
        compiled(LGBMRegressor(**SMALL).fit(table, Y), table, ("predict",), tmp_path / "m")
    splits = LGBMRegressor(**SMALL).fit(np.column_stack([Y, X]), Y, categorical_feature=[0])
    with pytest.raises(NotCompilableError, match="it splits by category"):
        compiled(splits, np.column_stack([Y, X]), ("predict",), tmp_path / "m")

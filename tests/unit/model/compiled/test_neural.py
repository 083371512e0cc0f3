"""Neural networks, compiled."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier, MLPRegressor

from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)
BOTH = ("predict", "predict_proba")
OPTIONS: Any = {"hidden_layer_sizes": (9, 5), "max_iter": 40, "random_state": 0}
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_activations(activation: Any, tmp_path: Path) -> None:
    """Of three classes: the last function is softmax."""
    estimator = MLPClassifier(activation=activation, **OPTIONS)
    estimator.fit(X, np.array(["a", "b", "c"])[Y])
    assert compiled(estimator, X, BOTH, tmp_path / "m").largest == 0.0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("y", [Y[50:], np.eye(3)[Y[50:]].astype(int)], ids=["two", "several"])
def test_labels(y: Any, dtype: Any, tmp_path: Path) -> None:
    """Of two classes, and any number of labels: the last function is the logistic one."""
    x = X[50:].astype(dtype)
    estimator = MLPClassifier(**OPTIONS).fit(x, y)
    assert compiled(estimator, x, BOTH, tmp_path / "m").largest == 0.0


@pytest.mark.parametrize("y", [Y + 0.1, np.stack([Y, X[:, 0]], axis=1)], ids=["one", "two"])
def test_regression(y: Any, tmp_path: Path) -> None:
    """Of one output and of two."""
    estimator = MLPRegressor(**OPTIONS).fit(X, y)
    assert compiled(estimator, X, ("predict",), tmp_path / "m").largest == 0.0

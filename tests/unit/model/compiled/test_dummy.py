"""Models that ignore their input, compiled."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier, DummyRegressor

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)
LABELS = np.array(["a", "b", "c"])[Y]
MANY = np.stack([Y, np.ones(150) < Y], axis=1)
BOTH = ("predict", "predict_proba")


@pytest.mark.parametrize("y", [LABELS, MANY], ids=["one", "two"])
@pytest.mark.parametrize("strategy", ["prior", "most_frequent"])
def test_labels(strategy: Any, y: Any, tmp_path: Path) -> None:
    """Of one output and of two."""
    estimator = DummyClassifier(strategy=strategy).fit(X, y)
    assert compiled(estimator, X, BOTH, tmp_path / "m").largest == 0.0


def test_a_constant_label(tmp_path: Path) -> None:
    """It may be rare."""
    estimator = DummyClassifier(strategy="constant", constant="b").fit(X, LABELS)
    assert compiled(estimator, X, BOTH, tmp_path / "m").largest == 0.0


@pytest.mark.parametrize("y", [Y + 0.1, MANY], ids=["one", "two"])
@pytest.mark.parametrize("strategy", ["mean", "median"])
def test_values(strategy: Any, y: Any, tmp_path: Path) -> None:
    """Of one output and of two."""
    estimator = DummyRegressor(strategy=strategy).fit(X, y)
    assert compiled(estimator, X, ("predict",), tmp_path / "m").largest == 0.0


@pytest.mark.parametrize("strategy", ["stratified", "uniform"])
def test_random_predictions_are_refused(strategy: Any, tmp_path: Path) -> None:
    """They differ from call to call."""
    with pytest.raises(NotCompilableError, match="are random"):
        compiled(DummyClassifier(strategy=strategy).fit(X, Y), X, BOTH, tmp_path / "m")

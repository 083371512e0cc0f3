"""Support vector machines, compiled: libsvm's sums and votes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)
DECIDED = ("predict", "decision_function")
KERNELS: Any = ["linear", "rbf", "poly", "sigmoid"]


def _exact(estimator: Any, x: Any, methods: tuple[str, ...], file: Path) -> None:
    assert compiled(estimator, x, methods, file).largest == 0.0


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_classifier(kernel: Any, classes: int, tmp_path: Path) -> None:
    """With probabilities, which libsvm gets from those of pairs by an iteration."""
    x, y = X[classes > Y], np.array(["a", "b", "c"])[Y[classes > Y]]
    estimator = SVC(kernel=kernel, probability=True, random_state=0).fit(x, y)
    _exact(estimator, x, (*DECIDED, "predict_proba"), tmp_path / "m")


@pytest.mark.parametrize(
    "estimator",
    [SVC(decision_function_shape="ovo"), SVC(break_ties=True), NuSVC(nu=0.2)],
    ids=str,
)
def test_options_of_a_classifier(estimator: Any, tmp_path: Path) -> None:
    """Behind a scaler."""
    _exact(make_pipeline(StandardScaler(), estimator).fit(X, Y), X, DECIDED, tmp_path / "m")


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("kind", [SVR, NuSVR])
def test_a_regressor(kind: Any, kernel: Any, tmp_path: Path) -> None:
    """One row and many: NumPy adds up a single row in another order."""
    _exact(kind(kernel=kernel).fit(X, Y + X[:, 0]), X, ("predict",), tmp_path / "m")


def test_outliers(tmp_path: Path) -> None:
    """Labels 1 and -1, and scores."""
    _exact(OneClassSVM().fit(X), X, (*DECIDED, "score_samples"), tmp_path / "m")


def test_a_function_as_kernel_is_refused(tmp_path: Path) -> None:
    """It may compute anything."""
    with pytest.raises(NotCompilableError, match="its kernel is a function"):
        compiled(SVC(kernel=rbf_kernel).fit(X, Y), X, DECIDED, tmp_path / "m")


def test_many_classes(tmp_path: Path) -> None:
    """Their pairs are decided one after the other."""
    _exact(SVC().fit(X, np.arange(len(X)) % 6), X, DECIDED, tmp_path / "m")

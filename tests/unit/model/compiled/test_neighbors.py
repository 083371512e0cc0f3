"""Models of the nearest rows, compiled: ties are what breaks them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

BOTH = ("predict", "predict_proba")
RNG = np.random.default_rng(0)
TIES, KINDS = RNG.integers(0, 3, (300, 3)).astype(float), RNG.integers(0, 4, 300)
"""Each row occurs eleven times on average, with other labels."""


def _exact(estimator: Any, x: Any, methods: tuple[str, ...], file: Path) -> None:
    assert compiled(estimator, x, methods, file).largest == 0.0


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
@pytest.mark.parametrize("algorithm", ["kd_tree", "ball_tree", "brute"])
def test_ties_are_decided_as_scikit_learn_decides_them(
    algorithm: Any, metric: str, tmp_path: Path
) -> None:
    """Among rows at equal distances, the order of its search and its heap decide."""
    estimator = KNeighborsClassifier(6, algorithm=algorithm, metric=metric, leaf_size=9)
    _exact(estimator.fit(TIES, KINDS), TIES, BOTH, tmp_path / "m")


@pytest.mark.parametrize("algorithm", ["kd_tree", "brute"])
@pytest.mark.parametrize("neighbors", [5, 9])
def test_weights_by_distance(algorithm: Any, neighbors: int, tmp_path: Path) -> None:
    """From nine neighbors on, NumPy's sums depend on the order of equal distances."""
    x, y = load_iris(return_X_y=True)
    estimator = KNeighborsClassifier(neighbors, weights="distance", algorithm=algorithm).fit(x, y)
    _exact(estimator, x, BOTH, tmp_path / "m")


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("algorithm", ["ball_tree", "brute"])
def test_regression_with_ties(algorithm: Any, weights: Any, tmp_path: Path) -> None:
    """Of two outputs; the order of equal distances may change the last bits of a mean."""
    estimator = KNeighborsRegressor(7, weights=weights, algorithm=algorithm, leaf_size=9)
    x = np.where(np.arange(300).reshape(-1, 1) < 60, TIES, RNG.normal(9, 1, TIES.shape))
    estimator.fit(x, np.stack([KINDS + 0.1, x[:, 0]], axis=1))
    assert compiled(estimator, TIES, ("predict",), tmp_path / "m").largest <= 1e-15


def test_a_regression_of_nothing_but_ties(tmp_path: Path) -> None:
    """Among rows at the last distance, scikit-learn's search chooses."""
    estimator = KNeighborsRegressor(7).fit(TIES, KINDS + 0.1)
    assert compiled(estimator, TIES, ("predict",), tmp_path / "m").largest <= 1e-15


def test_regression(tmp_path: Path) -> None:
    """Of 442 rows, with whole numbers to predict."""
    x, y = load_diabetes(return_X_y=True)
    _exact(KNeighborsRegressor().fit(x, y), x, ("predict",), tmp_path / "m")


def test_a_dataframe_and_labels_of_text(tmp_path: Path) -> None:
    """As the tutorial's model has them."""
    x, y = load_iris(return_X_y=True, as_frame=True)
    pipeline = make_pipeline(StandardScaler(), KNeighborsClassifier())
    _exact(pipeline.fit(x, np.array(["a", "b", "c"])[y]), x, BOTH, tmp_path / "m")


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_many_columns(dtype: Any, tmp_path: Path) -> None:
    """scikit-learn then multiplies matrices instead of searching a tree.

    With SciPy's BLAS, whose kernels for some processors round unlike NumPy's; the distance of a row
    to itself is then another small number in place of 0. The gate has to find that.
    """
    x, y = load_breast_cancer(return_X_y=True)
    x = x[:300].astype(dtype)
    estimator = KNeighborsClassifier(weights="distance").fit(x, y[:300])
    refused = ""
    try:
        _exact(estimator, x, BOTH, tmp_path / "m")
    except NotCompilableError as error:
        refused = str(error)
    assert not refused or ("each alone" in refused and "predict_proba: expected" in refused)


def test_several_outputs(tmp_path: Path) -> None:
    """A list of probabilities, and labels of shape (rows, outputs)."""
    y = np.stack([KINDS, TIES[:, 0].astype(int)], axis=1)
    _exact(KNeighborsClassifier(4).fit(TIES, y), TIES, BOTH, tmp_path / "m")


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (KNeighborsClassifier(weights=np.negative), "weights is a function"),
        (KNeighborsClassifier(p=3), "its metric isn't known"),
        (KNeighborsClassifier(metric="canberra"), "its metric isn't known"),
    ],
    ids=["weights", "p", "metric"],
)
def test_an_unknown_option_is_refused(estimator: Any, reason: str, tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(NotCompilableError, match=reason):
        compiled(estimator.fit(TIES, KINDS), TIES, BOTH, tmp_path / "m")


def test_many_rows_of_training_are_refused(tmp_path: Path) -> None:
    """scikit-learn's tree is faster there."""
    x = RNG.standard_normal((2_100, 3))
    with pytest.raises(NotCompilableError, match="2100 rows of training faster"):
        compiled(KNeighborsClassifier().fit(x, x[:, 0] > 0), x, BOTH, tmp_path / "m")


@pytest.mark.parametrize("algorithm", ["kd_tree", "brute"])
def test_rows_far_from_zero(algorithm: Any, tmp_path: Path) -> None:
    """Seconds since 1970: products of such numbers are too large to tell minutes apart."""
    x = 1.7e9 + 60.0 * RNG.integers(0, 10_000, (400, 2))
    estimator = KNeighborsClassifier(algorithm=algorithm).fit(x, x[:, 0] > np.median(x[:, 0]))
    refused = ""
    try:
        _exact(estimator, x, BOTH, tmp_path / "m")
    except NotCompilableError as error:
        refused = str(error)
    # scikit-learn's brute-force search multiplies them, and what is left depends on the BLAS.
    assert not refused or algorithm == "brute"

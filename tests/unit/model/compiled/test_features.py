"""Steps that make new columns, compiled: the gate compares them with scikit-learn's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, PolynomialFeatures

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled
from tests.unit.model.compiled.frames import mixed

X = load_iris().data
FRAME = mixed(gaps=False)[["age", "visits", "share"]]

STEPS = [
    PCA(2),
    PCA(whiten=True),
    TruncatedSVD(2),
    PolynomialFeatures(3),
    PolynomialFeatures(3, interaction_only=True, include_bias=False),
    PolynomialFeatures((2, 3)),
    PolynomialFeatures(2, order="F"),
    FunctionTransformer(np.log1p),
]


@pytest.mark.filterwarnings("ignore:.*encountered in")
@pytest.mark.parametrize("x", [X, X.astype(np.float32), FRAME], ids=["float64", "float32", "frame"])
@pytest.mark.parametrize("step", STEPS, ids=str)
def test_columns_are_made_the_same(step: Any, x: Any, tmp_path: Path) -> None:
    """In the same order and precision."""
    compiled(step.fit(x), x, ("transform",), tmp_path / "m")


def test_a_sparse_table_is_projected_the_same(tmp_path: Path) -> None:
    """One product is added after the other, as scipy does."""
    x = np.round(X)
    pipeline = make_pipeline(OneHotEncoder(handle_unknown="ignore"), TruncatedSVD(3)).fit(x)
    compiled(pipeline, x, ("transform",), tmp_path / "m")


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (FunctionTransformer(lambda x: x), "isn't one of NumPy's"),
        (FunctionTransformer(np.round, kw_args={"decimals": 1}), "kw_args are given"),
        (FunctionTransformer(np.log1p, validate=True), "validate is on"),
    ],
    ids=["lambda", "arguments", "validate"],
)
def test_an_unknown_function_is_refused(step: Any, reason: str, tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(NotCompilableError, match=reason):
        compiled(step.fit(X), X, ("transform",), tmp_path / "m")

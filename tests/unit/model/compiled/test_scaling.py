"""Scalers, compiled: the gate compares them with scikit-learn's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X = load_iris().data
WITH_GAPS = np.where(np.arange(X.size).reshape(X.shape) % 7 == 0, np.nan, X)

OF_GAPS = [
    StandardScaler(),
    RobustScaler(),
    MinMaxScaler(clip=True),
    MaxAbsScaler(),
    PowerTransformer(),
    QuantileTransformer(n_quantiles=20),
]
OTHERS = [Normalizer("l1"), Normalizer("l2"), Normalizer("max"), Binarizer(threshold=1.5)]


@pytest.mark.parametrize("scaler", OF_GAPS, ids=lambda one: type(one).__name__)
def test_values_and_gaps_are_scaled_the_same(scaler: Any, tmp_path: Path) -> None:
    """Of float64, to the last bit."""
    found = compiled(scaler.fit(WITH_GAPS), WITH_GAPS, ("transform",), tmp_path / "m")
    assert found.points > len(X)


@pytest.mark.parametrize("scaler", [*OF_GAPS[:4], *OTHERS], ids=str)
def test_float32_stays_float32(scaler: Any, tmp_path: Path) -> None:
    """A float32 is rounded after every operation."""
    x = X.astype(np.float32)
    compiled(scaler.fit(x), x, ("transform",), tmp_path / "m")


SPARSE = [MaxAbsScaler(), StandardScaler(with_mean=False), Normalizer("l1"), Normalizer("max")]


@pytest.mark.parametrize("scaler", SPARSE, ids=str)
def test_a_sparse_table_is_scaled_the_same(scaler: Any, tmp_path: Path) -> None:
    """Behind an encoder, whose output is sparse."""
    pipeline = make_pipeline(OneHotEncoder(handle_unknown="ignore"), scaler).fit(np.round(X))
    compiled(pipeline, np.round(X), ("transform",), tmp_path / "m")


@pytest.mark.parametrize(
    ("scaler", "reason"),
    [
        (PowerTransformer(method="box-cox"), "method is 'box-cox'"),
        (QuantileTransformer(n_quantiles=9, output_distribution="normal"), "is 'normal'"),
        (StandardScaler(copy=False), "copy is off"),
    ],
    ids=str,
)
def test_an_unknown_option_is_refused(scaler: Any, reason: str, tmp_path: Path) -> None:
    """With the reason, before anything is compared."""
    with pytest.raises(NotCompilableError, match=reason):
        compiled(scaler.fit(X.copy()), X, ("transform",), tmp_path / "m")

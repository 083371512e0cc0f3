"""Encoders, compiled: the gate compares them with scikit-learn's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, OrdinalEncoder

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled
from tests.unit.model.compiled.frames import mixed

X = np.round(load_iris().data)
WITH_GAPS = np.where(np.arange(X.size).reshape(X.shape) % 7 == 0, np.nan, X)
FRAME = mixed(gaps=True)[["visits", "member", "plan", "size", "level", "note"]]

ONE_HOT: list[dict[str, Any]] = [
    {"handle_unknown": "ignore"},
    {"handle_unknown": "ignore", "min_frequency": 10},
    {"handle_unknown": "infrequent_if_exist", "max_categories": 3, "drop": "first"},
    {"handle_unknown": "warn", "min_frequency": 0.1},
    {"handle_unknown": "ignore", "drop": "if_binary"},
    {"handle_unknown": "ignore", "sparse_output": False, "dtype": "float32"},
]


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize("options", ONE_HOT, ids=str)
def test_categories_become_columns(options: dict[str, Any], tmp_path: Path) -> None:
    """Of numbers, bool, texts and categories, with None and NaN; unknown ones too."""
    encoder = OneHotEncoder(**options).fit(FRAME)
    compiled(encoder, FRAME, ("transform",), tmp_path / "m")


@pytest.mark.parametrize("encoder", [OneHotEncoder(), OrdinalEncoder()], ids=str)
def test_unknown_categories_are_refused(encoder: Any, tmp_path: Path) -> None:
    """On the rows on which scikit-learn raises an error."""
    x = FRAME[["plan"]]
    compiled(encoder.fit(x), x, ("transform",), tmp_path / "m")


ORDINAL: list[dict[str, Any]] = [
    {"unknown_value": -1},
    {"unknown_value": np.nan, "encoded_missing_value": -2, "min_frequency": 10},
    {"unknown_value": 99, "encoded_missing_value": 50, "max_categories": 3, "dtype": int},
]


@pytest.mark.parametrize("options", ORDINAL, ids=str)
def test_categories_become_numbers(options: dict[str, Any], tmp_path: Path) -> None:
    """With codes of their own for gaps and for unknown values."""
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", **options).fit(FRAME)
    compiled(encoder, FRAME, ("transform",), tmp_path / "m")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_of_an_array_are_categories(dtype: Any, tmp_path: Path) -> None:
    """Infinity is refused, though every other unknown number is ignored."""
    x = WITH_GAPS.astype(dtype)
    encoder = OneHotEncoder(handle_unknown="ignore").fit(x)
    compiled(encoder, x, ("transform",), tmp_path / "m")


@pytest.mark.parametrize("strategy", ["uniform", "quantile"])
@pytest.mark.parametrize("encode", ["onehot", "onehot-dense", "ordinal"])
def test_numbers_become_bins(encode: str, strategy: str, tmp_path: Path) -> None:
    """Values at the edges included."""
    bins = KBinsDiscretizer(
        3, encode=encode, strategy=strategy, quantile_method="averaged_inverted_cdf"
    )
    x = load_iris().data
    compiled(bins.fit(x), x, ("transform",), tmp_path / "m")


def test_inexact_categories_are_refused(tmp_path: Path) -> None:
    """From 2**53 on, several integers are one float64."""
    x = np.array([[1.0], [2.0**53]])
    with pytest.raises(NotCompilableError, match="too large for an exact float"):
        compiled(OneHotEncoder().fit(x), x, ("transform",), tmp_path / "m")

"""Imputers, compiled: the gate compares them with scikit-learn's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.impute import MissingIndicator, SimpleImputer

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled
from tests.unit.model.compiled.frames import mixed

X = load_iris().data.copy()
X[::7, 1] = X[::5, 3] = np.nan
FRAME = mixed(gaps=True)


@pytest.mark.parametrize("more", [{}, {"add_indicator": True}, {"keep_empty_features": True}])
@pytest.mark.parametrize("strategy", ["mean", "most_frequent"])
def test_numbers_are_filled_in(strategy: str, more: dict[str, bool], tmp_path: Path) -> None:
    """One column has no value at all."""
    x = X.copy()
    x[:, 2] = np.nan
    imputer = SimpleImputer(strategy=strategy, **more)
    compiled(imputer.fit(x), x, ("transform",), tmp_path / "m")


@pytest.mark.parametrize(
    ("columns", "options"),
    [
        (["age", "visits", "share", "member"], {"strategy": "median"}),
        (["plan", "size"], {"strategy": "most_frequent", "add_indicator": True}),
        (["plan", "age", "member"], {"strategy": "constant", "fill_value": "?"}),
        (["note"], {"strategy": "most_frequent", "missing_values": None}),
        (["level"], {"strategy": "most_frequent"}),
    ],
    ids=str,
)
def test_columns_of_a_frame_are_filled_in(
    columns: list[str], options: dict[str, Any], tmp_path: Path
) -> None:
    """Numbers become floats, texts and categories objects."""
    x = FRAME[columns]
    compiled(SimpleImputer(**options).fit(x), x, ("transform",), tmp_path / "m")


@pytest.mark.parametrize("marker", [-1, 0])
def test_a_number_stands_for_a_gap(marker: int, tmp_path: Path) -> None:
    """Then NaN is refused."""
    x = np.where(np.isnan(X), marker, X)
    imputer = SimpleImputer(missing_values=marker)
    compiled(imputer.fit(x), x, ("transform",), tmp_path / "m")


@pytest.mark.parametrize("options", [{}, {"features": "all"}, {"error_on_new": False}], ids=str)
def test_gaps_are_told(options: dict[str, Any], tmp_path: Path) -> None:
    """A gap in a column that had none is an error, or isn't told."""
    compiled(MissingIndicator(**options).fit(X), X, ("transform",), tmp_path / "m")


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (SimpleImputer(copy=False), "copy is off"),
        (MissingIndicator(sparse=True), "its output is sparse"),
        (SimpleImputer().set_output(transform="polars"), "its output is set to 'polars'"),
    ],
    ids=str,
)
def test_an_unknown_option_is_refused(step: Any, reason: str, tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(NotCompilableError, match=reason):
        compiled(step.fit(X.copy()), X, ("transform",), tmp_path / "m")

"""Clusters with centers, compiled."""

from pathlib import Path
from typing import Any

import pytest
from sklearn.cluster import AffinityPropagation, KMeans, MiniBatchKMeans
from sklearn.datasets import load_digits, load_iris

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

X = load_iris(return_X_y=True)[0]
BOTH = ("predict", "transform")


@pytest.mark.parametrize(
    "estimator",
    [KMeans(3, random_state=0), MiniBatchKMeans(8, random_state=0)],
    ids=lambda one: type(one).__name__,
)
def test_labels_and_distances(estimator: Any, tmp_path: Path) -> None:
    """Rows between two centers, and rows whose squares overflow."""
    assert compiled(estimator.fit(X), X, BOTH, tmp_path / "m").largest == 0.0


def test_a_dataframe_and_many_columns(tmp_path: Path) -> None:
    """One row is multiplied in another way than several."""
    frame = load_iris(return_X_y=True, as_frame=True)[0]
    found = compiled(KMeans(3, random_state=0).fit(frame), frame, BOTH, tmp_path / "m")
    assert found.largest == 0.0
    digits = load_digits(return_X_y=True)[0][:300]
    found = compiled(KMeans(10, random_state=0).fit(digits), digits, BOTH, tmp_path / "n")
    assert found.largest == 0.0


def test_others_are_refused(tmp_path: Path) -> None:
    """Clusters without centers, and 32-bit floats."""
    with pytest.raises(NotCompilableError, match="isn't known"):
        compiled(AffinityPropagation().fit(X), X, ("predict",), tmp_path / "m")
    single = X.astype("float32")
    with pytest.raises(NotCompilableError, match="32-bit"):
        compiled(KMeans(3, random_state=0).fit(single), single, BOTH, tmp_path / "m")

"""Pipelines and unions of columns, compiled: the gate compares them with scikit-learn's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline, make_union
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled
from tests.unit.model.compiled.frames import ROWS, mixed

X, Y = load_iris(return_X_y=True)
FRAME = mixed(gaps=True)
LABELS = np.random.default_rng(1).integers(0, 3, ROWS)


def _columns(numbers: Any = ("age", "visits"), **more: Any) -> ColumnTransformer:
    scaled = make_pipeline(SimpleImputer(), StandardScaler())
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=more.pop("sparse", True))
    parts = [("numbers", scaled, numbers), ("texts", encoder, ["plan", "size", "note"])]
    return ColumnTransformer([(a, b, c if callable(c) else list(c)) for a, b, c in parts], **more)


OF_FRAMES = {
    "dense": _columns(sparse_threshold=0),
    "sparse": _columns(sparse_threshold=1.0),
    "remainder": _columns(remainder=SimpleImputer()),
    "weights": _columns(transformer_weights={"numbers": 2.5}),
    "by dtype": _columns(make_column_selector(dtype_include="number")),
    "pandas": _columns(sparse=False).set_output(transform="pandas"),
}


@pytest.mark.parametrize("name", list(OF_FRAMES))
def test_columns_of_a_frame(name: str, tmp_path: Path) -> None:
    """Into logistic regression: sums of sparse and of dense tables have another order."""
    x = FRAME.drop(columns=["level", "member"])
    pipeline = make_pipeline(OF_FRAMES[name], LogisticRegression())
    x = x.drop(columns="share") if name == "by dtype" else x
    found = compiled(pipeline.fit(x, LABELS), x, ("predict", "predict_proba"), tmp_path / "m")
    assert found.points > len(x)


OF_ARRAYS = {
    "slice": ColumnTransformer([("a", StandardScaler(), slice(1, 3))], remainder=MinMaxScaler()),
    "mask": ColumnTransformer([("a", StandardScaler(), [True, False, True, False])]),
    "order": ColumnTransformer(
        [("a", StandardScaler(), [2, 0]), ("b", "drop", [1]), ("c", PCA(), [])],
        remainder="passthrough",
    ),
    "union": make_union(PCA(2), StandardScaler(), "passthrough"),
    "weights": FeatureUnion(
        [("a", PCA(2)), ("b", StandardScaler()), ("c", "drop")], transformer_weights={"a": 3}
    ),
    "sparse": make_union(PCA(2), OneHotEncoder(handle_unknown="ignore")),
    "best": SelectKBest(k=2),
}


@pytest.mark.parametrize("name", list(OF_ARRAYS))
def test_columns_of_an_array(name: str, tmp_path: Path) -> None:
    """By slice, mask and numbers; side by side; selected."""
    pipeline = make_pipeline(OF_ARRAYS[name], LogisticRegression(max_iter=300)).fit(X, Y)
    compiled(pipeline, X, ("predict_proba",), tmp_path / "m")


def test_a_column_of_texts_by_its_label(tmp_path: Path) -> None:
    """The vectorizer expects one column without a second dimension."""
    x = FRAME[["size", "age"]].assign(size=np.where(FRAME["visits"] > 2, "red car", "blue car"))
    columns = ColumnTransformer([("t", TfidfVectorizer(), "size")], remainder=SimpleImputer())
    pipeline = make_pipeline(columns, LogisticRegression()).fit(x, LABELS)
    compiled(pipeline, x, ("predict_proba",), tmp_path / "m")


@pytest.mark.parametrize("output", ["default", "pandas"])
def test_a_selector_that_allows_gaps(output: str, tmp_path: Path) -> None:
    """It checks nothing then."""
    selector = VarianceThreshold(0.1).set_output(transform=output)
    x = FRAME[["age", "visits", "member", "share"]]
    compiled(selector.fit(x), x, ("transform",), tmp_path / "m")


def test_an_unknown_step_is_named(tmp_path: Path) -> None:
    """With its path. A class of the user's may have the name of a known one."""
    own = type("StandardScaler", (StandardScaler,), {})
    pipeline = make_pipeline(make_union(own(), PCA(2)), LogisticRegression()).fit(X, Y)
    with pytest.raises(NotCompilableError, match=r"featureunion > standardscaler: .* isn't known"):
        compiled(pipeline, X, ("predict",), tmp_path / "m")

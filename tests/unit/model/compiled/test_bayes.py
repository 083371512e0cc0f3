"""Naive Bayes classifiers, compiled."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import (
    BernoulliNB,
    CategoricalNB,
    ComplementNB,
    GaussianNB,
    MultinomialNB,
)
from sklearn.pipeline import make_pipeline

from tests.support.compiling import compiled

X, Y = load_iris(return_X_y=True)
COUNTS = np.random.default_rng(0).integers(0, 4, (300, 5))
MANY = (COUNTS[:, 0] + COUNTS[:, 1] > np.full(300, 3)).astype(int)
BOTH = ("predict", "predict_proba")


@pytest.mark.parametrize(
    "estimator",
    [GaussianNB(), MultinomialNB(), ComplementNB(norm=True), BernoulliNB(binarize=2.5)],
    ids=lambda one: type(one).__name__,
)
def test_numbers(estimator: Any, tmp_path: Path) -> None:
    """Of three classes, whose labels are texts."""
    estimator.fit(X, np.array(["a", "b", "c"])[Y])
    assert compiled(estimator, X, BOTH, tmp_path / "m").largest == 0.0


@pytest.mark.parametrize("dtype", [np.int64, np.float64])
@pytest.mark.parametrize(
    "estimator",
    [CategoricalNB(), BernoulliNB(binarize=None), MultinomialNB()],
    ids=lambda one: type(one).__name__,
)
def test_counts(estimator: Any, dtype: Any, tmp_path: Path) -> None:
    """Unknown and negative categories raise errors on the same rows."""
    x = COUNTS.astype(dtype)
    assert compiled(estimator.fit(x, MANY), x, BOTH, tmp_path / "m").largest == 0.0


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_dataframe(dtype: Any, tmp_path: Path) -> None:
    """Its columns lie in another order in memory, which changes the sums of normal densities."""
    x, y = load_iris(return_X_y=True, as_frame=True)
    estimator = GaussianNB().fit(x.astype(dtype), y)
    assert compiled(estimator, x.astype(dtype), BOTH, tmp_path / "m").largest == 0.0


def test_one_class(tmp_path: Path) -> None:
    """ComplementNB has an intercept then."""
    estimator = ComplementNB().fit(COUNTS, np.zeros(300))
    assert compiled(estimator, COUNTS, BOTH, tmp_path / "m").largest == 0.0


@pytest.mark.parametrize("estimator", [MultinomialNB(), BernoulliNB()], ids=str)
def test_texts(estimator: Any, tmp_path: Path) -> None:
    """Their words are a sparse table."""
    words = np.array([f"word{number}" for number in range(40)])
    rng = np.random.default_rng(0)
    texts = np.array([" ".join(rng.choice(words, 7)) for _ in range(99)], dtype=object)
    pipeline = make_pipeline(CountVectorizer(), estimator).fit(texts, np.arange(99) % 2)
    assert compiled(pipeline, texts, BOTH, tmp_path / "m").largest == 0.0

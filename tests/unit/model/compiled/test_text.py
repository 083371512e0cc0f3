"""Vectorizers of texts, compiled: the gate compares them with scikit-learn's."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from mldeploy.model.compiled.nodes import NotCompilableError
from tests.support.compiling import compiled

_RNG = np.random.default_rng(0)
_WORDS = [
    *("the", "cat", "Sat", "on", "a", "Mat", "don't", "running", "fast_food", "123"),
    *("na\u00efve", "caf\u00e9", "\u00c9COLE", "gro\u00df", "\u0130stanbul"),
]
TEXTS = np.array([" ".join(_RNG.choice(_WORDS, _RNG.integers(0, 12))) for _ in range(80)], object)
LABELS = _RNG.integers(0, 3, len(TEXTS))

COUNTS: list[dict[str, Any]] = [
    {"lowercase": False, "binary": True},
    {"strip_accents": "ascii", "stop_words": "english"},
    {"strip_accents": "unicode", "token_pattern": r"(\w)\w+"},
    {"ngram_range": (1, 2), "stop_words": ["cat"]},
    {"ngram_range": (2, 3), "max_features": 30},
    {"analyzer": "char", "ngram_range": (1, 3)},
    {"analyzer": "char_wb", "ngram_range": (2, 5)},
    {"analyzer": "char_wb", "ngram_range": (6, 9), "dtype": np.float32},
    {"vocabulary": ["cat", "mat", "zebra"]},
]


@pytest.mark.parametrize("options", COUNTS, ids=str)
def test_parts_are_counted_the_same(options: dict[str, Any], tmp_path: Path) -> None:
    """Words, sequences of words and of characters."""
    found = compiled(CountVectorizer(**options).fit(TEXTS), TEXTS, ("transform",), tmp_path / "m")
    assert found.points > len(TEXTS)


WEIGHTS: list[dict[str, Any]] = [
    {},
    {"norm": "l1", "smooth_idf": False},
    {"norm": None, "use_idf": False},
    {"sublinear_tf": True, "dtype": np.float32},
]


@pytest.mark.parametrize("options", WEIGHTS, ids=str)
def test_weights_and_probabilities_are_equal(options: dict[str, Any], tmp_path: Path) -> None:
    """Of a linear model behind it."""
    pipeline = make_pipeline(TfidfVectorizer(**options), LogisticRegression())
    compiled(pipeline.fit(TEXTS, LABELS), TEXTS, ("predict", "predict_proba"), tmp_path / "m")


def test_counting_and_weighing_may_be_two_steps(tmp_path: Path) -> None:
    """As in older tutorials."""
    pipeline = make_pipeline(CountVectorizer(), TfidfTransformer(), LogisticRegression())
    compiled(pipeline.fit(TEXTS, LABELS), TEXTS, ("predict_proba",), tmp_path / "m")


@pytest.mark.filterwarnings("ignore:The parameter 'token_pattern'")
@pytest.mark.parametrize(
    "options",
    [{"tokenizer": str.split}, {"preprocessor": str.lower}, {"analyzer": str.split}],
    ids=lambda options: next(iter(options)),
)
def test_a_function_is_refused(options: dict[str, Any], tmp_path: Path) -> None:
    """It may do anything."""
    with pytest.raises(NotCompilableError, match=f"{next(iter(options))} is a function"):
        compiled(TfidfVectorizer(**options).fit(TEXTS), TEXTS, ("transform",), tmp_path / "m")

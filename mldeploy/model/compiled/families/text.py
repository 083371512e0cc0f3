"""Texts as sparse tables of their words."""

from typing import Any

from mldeploy.model.compiled.converting import Converter
from mldeploy.model.compiled.nodes import Node, require


def _counts(estimator: Any, _converter: Converter) -> Node:
    import numpy as np

    _require_known(estimator)
    known = sorted(estimator.vocabulary_, key=estimator.vocabulary_.__getitem__)
    facts = {
        "known": np.array([*known, None], dtype=object)[:-1],
        "analyzer": _analyzer(estimator),
        "binary": bool(estimator.binary),
        "dtype": np.dtype(estimator.dtype).name,
    }
    return Node("text.CountVectorizer", facts)


def _analyzer(estimator: Any) -> Node:
    facts = {
        "kind": estimator.analyzer,
        "lengths": list(estimator.ngram_range),
        "lowercase": bool(estimator.lowercase),
        "accents": estimator.strip_accents or None,
        "stop_words": sorted(estimator.get_stop_words() or ()),
        "pattern": estimator.token_pattern,
    }
    return Node("text.Analyzer", facts)


def _require_known(estimator: Any) -> None:
    import numpy as np

    require(estimator.input == "content", f"input is {estimator.input!r}")
    for name in ("preprocessor", "tokenizer"):
        require(getattr(estimator, name) is None, f"{name} is a function")
    known = estimator.analyzer in {"word", "char", "char_wb"}
    require(known, "analyzer is a function")
    known = not estimator.strip_accents or estimator.strip_accents in {"ascii", "unicode"}
    require(known, "strip_accents is a function")
    require(np.dtype(estimator.dtype).kind in "iuf", "its dtype isn't one of numbers")
    require(all(type(one) is str for one in estimator.vocabulary_), "a word isn't a text")


def _weights(estimator: Any, _converter: Converter) -> Node:
    facts = {
        "weights": estimator.idf_ if estimator.use_idf else None,
        "norm": estimator.norm,
        "sublinear": bool(estimator.sublinear_tf),
    }
    return Node("text.TfidfTransformer", facts)


def _both(estimator: Any, converter: Converter) -> Node:
    weights = _weights(estimator._tfidf, converter)  # noqa: SLF001 - no public form
    return Node("compose.Pipeline", {"steps": [_counts(estimator, converter), weights]})


CONVERTERS = {
    "CountVectorizer": _counts,
    "TfidfTransformer": _weights,
    "TfidfVectorizer": _both,
}

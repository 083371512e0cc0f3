"""Predictions whose last bits are the same in each run."""

from contextlib import AbstractContextManager
from typing import Any


def sequential() -> AbstractContextManager[Any]:
    """Return a context in which the parts of a prediction run one after the other.

    In several threads (`n_jobs`) a forest adds up its trees in the order in which they end:
    `_accumulate_prediction` in scikit-learn's `ensemble/_forest.py`.
    """
    import joblib

    found: AbstractContextManager[Any] = joblib.parallel_config(backend="sequential")
    return found

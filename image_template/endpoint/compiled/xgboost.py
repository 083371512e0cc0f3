"""XGBoost's trees: sums of float32, in their order."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import singles
from endpoint.compiled.frame import Frame
from endpoint.compiled.functions import expf

_MOST = np.float32(88.7)
"""XGBoost's limit of exponents."""


class _Booster:
    """A first value and trees that correct it.

    Args:
        forest: the trees, of one class after the other.
        groups: the count of sums: one, or one per class.
        start: the first value of each sum.
        link: "" for sums as they are, "logistic", "exp" or "softmax".
    """

    def __init__(self, forest: Any, groups: int, start: Any, link: str) -> None:
        self._forest, self._groups, self._start, self._link = forest, groups, start, link

    def tree(self, number: int, x: Any) -> Any:
        """Return what a tree adds for rows of float32."""
        return self._forest.tree(number, x)

    def _values(self, table: Any) -> Any:
        """Return values of shape (rows, groups)."""
        sums = self._forest.sums(_singles(table), self._start, self._groups)
        if self._link == "logistic":
            return np.float32(1) / (expf(np.minimum(-sums, _MOST)) + np.float32(1))
        if self._link == "exp":
            return expf(sums)
        return _softmax(sums) if self._link == "softmax" else sums


def _singles(table: Any) -> Any:
    """Return a table as float32; each column of a frame is cast alone."""
    if hasattr(table, "toarray"):
        raise TypeError("XGBoost takes what a sparse table leaves out for missing")
    if isinstance(table, Frame):
        with np.errstate(over="ignore"):
            table = np.column_stack([column.astype(np.float32) for column in table.columns])
    return singles(table, missing=True, infinite=True)


def _softmax(sums: Any) -> Any:
    found = expf(sums - sums.max(axis=1, keepdims=True))
    total = np.add.accumulate(found, axis=1, dtype=np.float64)[:, -1:]
    return found / total.astype(np.float32)


class XGBRegressor(_Booster):
    """A regressor."""

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,), of float32."""
        return self._values(table)[:, 0]


class XGBClassifier(_Booster):
    """A classifier. Its classes are 0, 1, and so on."""

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        values = self._values(table)
        return values.argmax(axis=1) if self._groups > 1 else (values[:, 0] > 0.5).astype(np.int64)  # noqa: PLR2004 - a half

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes), of float32."""
        values = self._values(table)
        return values if self._groups > 1 else np.hstack([np.float32(1) - values, values])

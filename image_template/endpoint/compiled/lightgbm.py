"""LightGBM's trees."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import doubles
from endpoint.compiled.frame import Frame
from endpoint.compiled.functions import exp, expit

_ZERO = float(np.float32(1e-35))
"""LightGBM takes smaller numbers for 0."""


class _Booster:
    """A sum over trees.

    Args:
        forest: the trees, of one class after the other.
        groups: the count of sums: one, or one per class.
        link: "" for sums as they are, "logistic", "exp" or "softmax".
        slope: the factor of sums before the logistic function.
    """

    def __init__(self, forest: Any, groups: int, link: str, slope: float) -> None:
        self._forest, self._groups, self._link, self._slope = forest, groups, link, slope

    def tree(self, number: int, x: Any) -> Any:
        """Return what a tree adds for rows of float64."""
        return self._forest.tree(number, _without_tiny(x))

    def _values(self, table: Any) -> Any:
        """Return values of shape (rows, groups)."""
        sums = self._forest.sums(_without_tiny(_numbers(table)), 0.0, self._groups)
        if self._link == "logistic":
            return expit(self._slope * sums)
        if self._link == "exp":
            return exp(sums)
        return _softmax(sums) if self._link == "softmax" else sums


def _numbers(table: Any) -> Any:
    if isinstance(table, Frame):
        if any(column.dtype.kind == "O" for column in table.columns):
            raise ValueError("a column holds no numbers")
    elif table.dtype.kind != "f":
        # Integers of an array, other than those of a frame, become float32.
        table = table.astype(np.float32)
    return doubles(table, missing=True, infinite=True)


def _without_tiny(x: Any) -> Any:
    tiny = np.abs(x) <= _ZERO
    return np.where(tiny, 0.0, x) if tiny.any() else x


def _softmax(sums: Any) -> Any:
    found = exp(sums - sums.max(axis=1, keepdims=True))
    return found / np.add.accumulate(found, axis=1)[:, -1:]


class LGBMRegressor(_Booster):
    """A regressor."""

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,)."""
        return self._values(table)[:, 0]


class LGBMClassifier(_Booster):
    """A classifier.

    Args:
        classes: the labels.
        others: as above.
    """

    def __init__(self, classes: Any, **others: Any) -> None:
        super().__init__(**others)
        self._classes = classes

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        return self._classes[self.predict_proba(table).argmax(axis=1)]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        values = self._values(table)
        return values if self._groups > 1 else np.hstack([1.0 - values, values])

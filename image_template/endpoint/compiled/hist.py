"""Boosted trees that know missing values and categories."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import doubles
from endpoint.compiled.frame import Frame
from endpoint.compiled.functions import expit, softmax

_ROWS = 1024
"""Rows whose choices are looked up at once."""


class Choices:
    """Splits by categories, as columns: 0 goes left, 1 goes right.

    Args:
        columns: the column of codes of each choice.
        right: bits, packed, of shape (choices, codes and NaN): whether a code goes right; NaN is
            the last.
        codes: the count of codes, with NaN.
    """

    def __init__(self, columns: Any, right: Any, codes: int) -> None:
        self._columns, self._numbers = np.unique(columns, return_inverse=True)
        self._right = np.unpackbits(right, axis=1, count=codes).astype(np.float64).reshape(-1)
        self._starts = np.arange(0, len(self._right), codes)
        self._missing = codes - 1

    def beside(self, x: Any) -> Any:
        """Return a table with the columns of the choices."""
        values = x.take(self._columns, axis=1)
        codes = np.where(np.isnan(values), self._missing, values).astype(np.intp)
        places = codes.take(self._numbers, axis=1)
        places += self._starts
        return np.concatenate([x, self._right.take(places)], axis=1)


class _Boosting:
    """A first value and trees that correct it.

    Args:
        forest: the trees, of one class after the other.
        groups: the count of sums: one, or one per class.
        start: the first value of each sum.
        encoder: of categories, or None.
        encoded: the columns of categories. They come before the others.
        others: the other columns.
        choices: the splits by categories, or None.
    """

    def __init__(  # noqa: PLR0913 - the arguments of the file
        self,
        *,
        forest: Any,
        groups: int,
        start: Any,
        encoder: Any,
        encoded: list[int],
        others: list[int],
        choices: Choices | None,
    ) -> None:
        self._forest, self._groups, self._start = forest, groups, start
        self._encoder, self._encoded, self._others = encoder, encoded, others
        self._choices = choices

    def tree(self, number: int, x: Any) -> Any:
        """Return what a tree adds for rows with codes of categories."""
        return self._forest.tree(number, self._choices.beside(x) if self._choices else x)

    def _raw(self, table: Any) -> Any:
        x = self._coded(table)
        if self._choices is None:
            return self._forest.sums(x, self._start, self._groups)
        parts = [
            self._forest.sums(self._choices.beside(x[at : at + _ROWS]), self._start, self._groups)
            for at in range(0, len(x), _ROWS)
        ]
        return np.concatenate(parts)

    def _coded(self, table: Any) -> Any:
        if self._encoder is None:
            return doubles(table, missing=True, infinite=True)
        found = [self._encoder.transform(_taken(table, self._encoded))]
        if self._others:
            found.append(doubles(_taken(table, self._others), missing=True, infinite=True))
        return np.hstack(found)


def _taken(table: Any, columns: list[int]) -> Any:
    return table.take(columns) if isinstance(table, Frame) else table[:, columns]


class HistGradientBoostingRegressor(_Boosting):
    """A regressor.

    Args:
        log: whether the sums are logarithms.
        others: as above.
    """

    def __init__(self, *, log: bool, **others: Any) -> None:
        super().__init__(**others)
        self._log = log

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,)."""
        found = self._raw(table)[:, 0]
        return np.exp(found) if self._log else found


class HistGradientBoostingClassifier(_Boosting):
    """A classifier.

    Args:
        classes: the labels.
        others: as above.
    """

    def __init__(self, *, classes: Any, **others: Any) -> None:
        super().__init__(**others)
        self._classes = classes

    def decision_function(self, table: Any) -> Any:
        """Return values of shape (rows,) for two classes, else (rows, classes)."""
        found = self._raw(table)
        return found[:, 0] if self._groups == 1 else found

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        values = self.decision_function(table)
        numbers = (values > 0).astype(np.intp) if values.ndim == 1 else values.argmax(axis=1)
        return self._classes[numbers]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        values = self.decision_function(table)
        if values.ndim > 1:
            # The sum over the classes depends on their order in memory.
            return softmax(np.asfortranarray(values))
        second = expit(values)
        return np.stack([1 - second, second], axis=1)

"""Sums over trees that were fitted one after the other."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import singles
from endpoint.compiled.functions import expit, logit, softmax


class _Boosting:
    """A first value and trees that correct it.

    Args:
        forest: the trees, of one class after the other.
        groups: the count of sums: one, or one per class.
        start: the first value of each sum; None if `first` predicts it.
        first: an estimator of the first values, or None.
        bounds: the least and the most that its probabilities are clipped to, or None.
        loss: "log_loss" or "exponential" of classes, or "" of numbers.
    """

    def __init__(  # noqa: PLR0913 - the arguments of the file
        self, *, forest: Any, groups: int, start: Any, first: Any, bounds: Any, loss: str
    ) -> None:
        self._forest, self._groups, self._start = forest, groups, start
        self._first, self._bounds, self._loss = first, bounds, loss

    def tree(self, number: int, x: Any) -> Any:
        """Return what a tree adds for rows of float32."""
        return self._forest.tree(number, x)

    def _raw(self, table: Any) -> Any:
        x = singles(table)
        first = self._start if self._first is None else self._predicted(x)
        return self._forest.sums(x, first, self._groups)

    def _predicted(self, x: Any) -> Any:
        if not self._loss:
            return self._first.predict(x).astype(np.float64).reshape(-1, 1)
        found = self._first.predict_proba(x)
        found = found if self._groups > 1 else found[:, 1:]
        found = np.clip(found, *self._bounds, dtype=np.float64)
        if self._groups > 1:
            return np.log(found / np.exp(np.log(found).mean(axis=1))[:, None])
        return logit(found) if self._loss == "log_loss" else 0.5 * logit(found)


class GradientBoostingRegressor(_Boosting):
    """A regressor."""

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,)."""
        return self._raw(table)[:, 0]


class GradientBoostingClassifier(_Boosting):
    """A classifier.

    Args:
        classes: the labels.
        others: as above.
    """

    def __init__(self, classes: Any, **others: Any) -> None:
        super().__init__(**others)
        self._classes = classes

    def decision_function(self, table: Any) -> Any:
        """Return values of shape (rows,) for two classes, else (rows, classes)."""
        found = self._raw(table)
        return found[:, 0] if self._groups == 1 else found

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        values = self.decision_function(table)
        numbers = (values >= 0).astype(np.intp) if values.ndim == 1 else values.argmax(axis=1)
        return self._classes[numbers]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        values = self.decision_function(table)
        if values.ndim > 1:
            return softmax(values)
        second = expit(values if self._loss == "log_loss" else 2 * values)
        return np.stack([1 - second, second], axis=1)


class AdaBoostClassifier:
    """Trees that vote with weights.

    Args:
        forest: trees with a vote per class.
        weight: the sum of the trees' weights.
        classes: the labels.
    """

    def __init__(self, forest: Any, weight: float, classes: Any) -> None:
        self._forest, self._weight, self._classes = forest, weight, classes

    def tree(self, number: int, x: Any) -> Any:
        """Return a tree's votes for rows of float32."""
        return self._forest.tree(number, x)

    def decision_function(self, table: Any) -> Any:
        """Return values of shape (rows,) for two classes, else (rows, classes)."""
        found = self._forest.sums(singles(table))
        found /= self._weight
        return found[:, 1] - found[:, 0] if self._two else found

    @property
    def _two(self) -> bool:
        return len(self._classes) == 2  # noqa: PLR2004

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        values = self.decision_function(table)
        numbers = (values > 0).astype(np.intp) if self._two else values.argmax(axis=1)
        return self._classes[numbers]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        values = self.decision_function(table)
        if self._two:
            return softmax(np.stack([-values, values], axis=1) / 2)
        # The sum over the classes depends on their order in memory.
        return softmax(np.asfortranarray(values / (len(self._classes) - 1)))


class AdaBoostRegressor:
    """Trees of which the median by weight predicts.

    Args:
        forest: trees of numbers.
        weights: of the trees.
    """

    def __init__(self, forest: Any, weights: Any) -> None:
        self._forest, self._weights = forest, weights

    def tree(self, number: int, x: Any) -> Any:
        """Return a tree's values for rows of float32."""
        return self._forest.tree(number, x)

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,)."""
        values = self._forest.outputs(singles(table))[:, :, 0].T
        order = np.argsort(values, axis=1)
        weights = np.cumsum(self._weights[order], axis=1)
        median = (weights >= 0.5 * weights[:, -1:]).argmax(axis=1)
        rows = np.arange(len(values))
        return values[rows, order[rows, median]]

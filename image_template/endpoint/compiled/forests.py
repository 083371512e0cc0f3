"""Means over trees."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import singles


class _Mean:
    """The mean of trees.

    Args:
        forest: the trees.
        missing: whether NaN is allowed.
        count: of the trees.
    """

    def __init__(self, forest: Any, missing: bool, count: int) -> None:  # noqa: FBT001 - by name
        self._forest, self._missing, self._count = forest, missing, count

    def tree(self, number: int, x: Any) -> Any:
        """Return the values of the leaves of a tree that rows of float32 reach."""
        return self._forest.tree(number, x)

    def _values(self, table: Any) -> Any:
        found = self._forest.sums(singles(table, missing=self._missing))
        found /= self._count
        return found


class RandomForestRegressor(_Mean):
    """Numbers, of one or several outputs."""

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,) or (rows, outputs)."""
        found = self._values(table)
        return found[:, 0] if found.shape[1] == 1 else found


class RandomForestClassifier(_Mean):
    """Probabilities.

    Args:
        forest: the trees.
        missing: whether NaN is allowed.
        count: of the trees.
        classes: the labels.
    """

    def __init__(self, forest: Any, missing: bool, count: int, classes: Any) -> None:  # noqa: FBT001 - by name
        super().__init__(forest, missing, count)
        self._classes = classes

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        return self._classes.take(self._values(table).argmax(axis=1))

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        return self._values(table)


class IsolationForest:
    """Scores of how common rows are: a rare one is alone after few splits.

    Args:
        forest: trees of path lengths.
        length: the sum of the trees' mean path lengths.
        offset: the score of the rarest inliers.
    """

    def __init__(self, forest: Any, length: float, offset: float) -> None:
        self._forest, self._length, self._offset = forest, length, offset

    def tree(self, number: int, x: Any) -> Any:
        """Return the path lengths that a tree has for rows of float32."""
        return self._forest.tree(number, x)

    def score_samples(self, table: Any) -> Any:
        """Return the scores; NaN and infinity are allowed."""
        x = singles(table, missing=True, infinite=True)
        return -(2 ** -(self._forest.sums(x)[:, 0] / self._length))

    def decision_function(self, table: Any) -> Any:
        """Return the scores, negative for outliers."""
        return self.score_samples(table) - self._offset

    def predict(self, table: Any) -> Any:
        """Return 1 for inliers and -1 for outliers."""
        return np.where(self.decision_function(table) < 0, -1, 1)

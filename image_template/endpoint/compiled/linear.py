"""Linear models."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import numbers
from endpoint.compiled.functions import expit, softmax
from endpoint.compiled.sparse import dot


class LinearRegression:
    """A linear function of the columns, of one or several outputs.

    Args:
        coefficients: of shape (columns,) or (outputs, columns).
        intercept: a number, or one per output.
    """

    def __init__(self, coefficients: Any, intercept: Any) -> None:
        self._coefficients, self._intercept = coefficients.T, intercept

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,) or (rows, outputs)."""
        return dot(table, self._coefficients) + self._intercept


class GeneralizedLinearRegressor(LinearRegression):
    """The exponential of a linear function."""

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,)."""
        with np.errstate(over="ignore"):
            return np.exp(super().predict(table))


class SGDOneClassSVM:
    """Tells outliers by a linear function.

    Args:
        coefficients: of shape (columns,).
        offset: array of shape (1,).
    """

    def __init__(self, coefficients: Any, offset: Any) -> None:
        self._coefficients, self._offset = coefficients, offset

    def decision_function(self, table: Any) -> Any:
        """Return values of shape (rows,), negative for outliers."""
        return (dot(table, self._coefficients) - self._offset).reshape(-1)

    def score_samples(self, table: Any) -> Any:
        """Return values of shape (rows,), lower for outliers."""
        return self.decision_function(table) + self._offset

    def predict(self, table: Any) -> Any:
        """Return 1, or -1 for outliers."""
        return np.where(self.decision_function(table) >= 0, 1, -1).astype(np.int32)


class LinearClassifier:
    """A classifier with a linear decision function per class, or one for two classes.

    Args:
        coefficients: of shape (classes, columns); for two classes (1, columns) or (columns,).
        intercept: of the same length, or a number.
        classes: the labels.
    """

    def __init__(self, coefficients: Any, intercept: Any, classes: Any) -> None:
        self._coefficients, self._intercept = coefficients.T, intercept
        self._classes = classes

    def decision_function(self, table: Any) -> Any:
        """Return values of shape (rows,) for two classes, else (rows, classes)."""
        found = dot(table, self._coefficients) + self._intercept
        return found.reshape(-1) if found.ndim > 1 and found.shape[1] == 1 else found

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        values = self.decision_function(table)
        numbers_ = (values > 0).astype(np.intp) if values.ndim == 1 else values.argmax(axis=1)
        return self._classes[numbers_]


class LogisticRegression(LinearClassifier):
    """Logistic regression: probabilities by the logistic function, or by softmax from 3 classes."""

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        values = self.decision_function(table)
        if values.ndim > 1:
            return softmax(values)
        second = expit(values)
        return np.stack([1 - second, second], axis=1)


class OneVersusRest(LogisticRegression):
    """Probabilities of each class against the rest, divided by their sum."""

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        values = self.decision_function(table)
        if values.ndim > 1:
            return normalized(expit(values))
        second = expit(values)
        return np.stack([1 - second, second], axis=1)


class ModifiedHuber(LinearClassifier):
    """Probabilities that rise linearly between the decision values -1 and 1."""

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        found = (np.clip(self.decision_function(table), -1, 1) + 1.0) / 2.0
        return normalized(found) if found.ndim > 1 else np.stack([1 - found, found], axis=1)


def normalized(scores: Any) -> Any:
    """Return scores divided by the sum of their row; all equal if that is 0."""
    total = scores.sum(axis=1)
    empty = total == 0
    if empty.any():
        scores[empty] = 1
        total[empty] = scores.shape[1]
    scores /= total.reshape(-1, 1)
    return scores


class QuadraticDiscriminantAnalysis:
    """A normal distribution per class.

    Args:
        means: of shape (classes, columns).
        rotations: of each class, divided by the root of its variances.
        logarithms: of the determinant of each class's covariance.
        priors: logarithms of the classes' probabilities.
        classes: the labels.
    """

    def __init__(
        self, means: Any, rotations: list[Any], *, logarithms: Any, priors: Any, classes: Any
    ) -> None:
        self._means, self._rotations, self._classes = means, rotations, classes
        self._logarithms, self._priors = logarithms, priors

    def _scores(self, table: Any) -> Any:
        found, squares = numbers(table), []
        with np.errstate(over="ignore", invalid="ignore"):
            for mean, rotation in zip(self._means, self._rotations, strict=True):
                squares.append((((found - mean) @ rotation) ** 2).sum(axis=1))
        return -0.5 * (np.array(squares).T + self._logarithms) + self._priors

    def decision_function(self, table: Any) -> Any:
        """Return values of shape (rows,) for two classes, else (rows, classes)."""
        found = self._scores(table)
        return found[:, 1] - found[:, 0] if found.shape[1] == 2 else found  # noqa: PLR2004

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        return self._classes[self._scores(table).argmax(axis=1)]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        with np.errstate(invalid="ignore"):
            scores = self._scores(table)
            scores = scores - scores.max(axis=1).reshape(-1, 1)
            return np.exp(scores - np.log(np.exp(scores).sum(axis=1).reshape(-1, 1)))

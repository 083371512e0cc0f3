"""Linear models."""

from typing import Any

import numpy as np

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

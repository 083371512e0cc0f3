"""Naive Bayes classifiers."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import numbers
from endpoint.compiled.sparse import Sparse, dot


class _NaiveBayes:
    """What all of them do: labels and probabilities from scores.

    Args:
        classes: the labels.
    """

    def __init__(self, classes: Any) -> None:
        self._classes = classes

    def _scores(self, table: Any) -> Any:
        """Return the logarithms of joint probabilities, of shape (rows, classes)."""
        raise NotImplementedError

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        return self._classes[self._scores(table).argmax(axis=1)]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        scores = self._scores(table)
        with np.errstate(invalid="ignore"):
            return np.exp(scores - logarithm_of_sum(scores).reshape(-1, 1))


def logarithm_of_sum(values: Any) -> Any:
    """Return log(sum(exp(x))) of each row, with scikit-learn's operations in their order."""
    most = values.max(axis=1, keepdims=True)
    largest = values == most
    rest = np.where(largest, -np.inf, values)
    count = largest.astype(values.dtype).sum(axis=1, keepdims=True)
    total = np.exp(rest - np.where(np.isfinite(most), most, 0)).sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.where(total == 0, total, total / count)
        return (np.log1p(total) + np.log(count) + most)[:, 0]


class GaussianNB(_NaiveBayes):
    """Normal distributions.

    Args:
        means: of shape (classes, columns).
        variances: of shape (classes, columns).
        constants: the logarithm of the density at the mean, of each class.
        priors: logarithms of the classes' probabilities.
        classes: the labels.
    """

    def __init__(
        self, means: Any, variances: Any, constants: Any, priors: Any, classes: Any
    ) -> None:
        super().__init__(classes)
        self._parts = list(zip(means, variances, constants, priors, strict=True))

    def _scores(self, table: Any) -> Any:
        x, found = numbers(table), []
        with np.errstate(over="ignore"):
            for mean, variance, constant, prior in self._parts:
                distances = (((x - mean) ** 2) / variance).sum(axis=1)
                found.append(prior + (constant - 0.5 * distances))
        return np.stack(found).T


class MultinomialNB(_NaiveBayes):
    """A linear function of counts.

    Args:
        weights: of shape (classes, columns).
        intercept: of each class, or None.
        classes: the labels.
    """

    def __init__(self, weights: Any, intercept: Any, classes: Any) -> None:
        super().__init__(classes)
        self._weights, self._intercept = weights.T, intercept

    def _input(self, table: Any) -> Any:
        return table

    def _scores(self, table: Any) -> Any:
        found = dot(self._input(table), self._weights)
        return found if self._intercept is None else found + self._intercept


class BernoulliNB(MultinomialNB):
    """A linear function of 0 and 1.

    Args:
        threshold: values above it are 1; None leaves them as they are.
        others: of `MultinomialNB`.
    """

    def __init__(self, threshold: float | None, **others: Any) -> None:
        super().__init__(**others)
        self._threshold = threshold

    def _input(self, table: Any) -> Any:
        if self._threshold is None:
            return table
        if isinstance(table, Sparse):
            values = numbers(table.values[None])[0]
            return table.with_values((values > self._threshold).astype(values.dtype))
        found = numbers(table)
        return (found > self._threshold).astype(found.dtype)


class CategoricalNB(_NaiveBayes):
    """Probabilities of categories.

    Args:
        logarithms: of the categories' probabilities, of each column: shape (classes, categories).
        priors: logarithms of the classes' probabilities.
        classes: the labels.
    """

    def __init__(self, logarithms: list[Any], priors: Any, classes: Any) -> None:
        super().__init__(classes)
        self._logarithms, self._priors = logarithms, priors

    def _scores(self, table: Any) -> Any:
        with np.errstate(invalid="ignore"):
            places = numbers(table).astype(np.int64)
        if (places < 0).any():
            raise ValueError("a category is negative")
        found = np.zeros((len(places), len(self._classes)))
        for number, logarithms in enumerate(self._logarithms):
            found += logarithms[:, places[:, number]].T
        return found + self._priors

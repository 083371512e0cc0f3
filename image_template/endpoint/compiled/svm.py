"""Support vector machines with kernels, as libsvm computes them."""

import math
from typing import Any

import numpy as np

from endpoint.compiled.checks import doubles
from endpoint.compiled.coupling import coupled
from endpoint.compiled.functions import exp
from endpoint.compiled.multiclass import votes_of

_CHUNK = 1 << 16
"""Numbers in a chunk of differences of rows and support vectors."""
_FEW = 512
"""Differences of rows that aren't worth the operations that spare time for many."""
_WIDTH = 512
"""Numbers that are subtracted at once."""
_LEAST = 1e-7
"""libsvm keeps probabilities of pairs this far from 0 and 1."""


class Kernel:
    """The similarity of rows and support vectors.

    Args:
        vectors: of shape (vectors, columns).
        name: "linear", "poly", "rbf" or "sigmoid".
        gamma: a factor.
        shift: libsvm's coef0.
        degree: of the polynomial.
    """

    def __init__(self, vectors: Any, name: str, *, gamma: float, shift: float, degree: int) -> None:
        self._vectors, self._name = vectors, name
        self._distances = Distances(vectors)
        self._gamma, self._shift, self._degree = gamma, shift, degree

    def __call__(self, table: Any) -> Any:
        """Return values of shape (vectors, rows)."""
        x = np.ascontiguousarray(doubles(table))
        with np.errstate(over="ignore", invalid="ignore"):
            if self._name == "rbf":
                found = exp(-self._gamma * self._distances(x))
            else:
                found = self._of_dots(np.vecdot(x[:, None, :], self._vectors))
        return np.ascontiguousarray(found.T)

    def _of_dots(self, dots: Any) -> Any:
        if self._name == "linear":
            return dots
        found = self._gamma * dots + self._shift
        return _power(found, self._degree) if self._name == "poly" else _each(math.tanh, found)


class Distances:
    """Squared distances of rows to others, by BLAS's dot of each difference with itself.

    NumPy subtracts long rows faster, so that several vectors stand side by side.

    Args:
        vectors: the others, of shape (vectors, columns).
    """

    def __init__(self, vectors: Any) -> None:
        count, columns = vectors.shape
        self._count, self._beside = count, max(1, _WIDTH // columns)
        filled = np.zeros((-count % self._beside, columns))
        self._vectors = np.concatenate([vectors, filled]).reshape(-1, self._beside * columns)

    def __call__(self, x: Any) -> Any:
        """Return numbers of shape (rows, vectors)."""
        rows, columns = x.shape
        if rows * self._count <= _FEW:
            differences = x[:, None, :] - self._vectors.reshape(-1, columns)[: self._count]
            return np.vecdot(differences, differences)
        size = min(rows, max(1, _CHUNK // self._vectors.size))
        found, differences = np.empty((rows, self._count)), np.empty((size, *self._vectors.shape))
        vectors = differences.reshape(size, -1, columns)[:, : self._count]
        repeated = np.broadcast_to(x[:, None, :], (rows, self._beside, columns))
        repeated = repeated.reshape(rows, 1, -1)
        for low in range(0, rows, size):
            part = repeated[low : low + size]
            np.subtract(part, self._vectors, out=differences[: len(part)])
            some = vectors[: len(part)]
            np.vecdot(some, some, out=found[low : low + size])
        return found


def _each(function: Any, values: Any) -> Any:
    """Return a function of the C library of each value. NumPy's may differ in the last bit."""
    flat = [function(value) for value in values.reshape(-1).tolist()]
    return np.array(flat, dtype=np.float64).reshape(values.shape)


def _power(values: Any, exponent: int) -> Any:
    found, square = np.ones_like(values), values
    while exponent > 0:
        if exponent % 2:
            found = found * square
        square = square * square
        exponent //= 2
    return found


def _sums(similar: Any, weights: Any) -> Any:
    """Return weighted sums of the rows of an array, added one after the other."""
    products = similar * weights.reshape(-1, 1)
    # NumPy adds numbers one after the other, unless they are next to each other in memory.
    if products.shape[1] == 1 and len(products):
        return np.add.accumulate(products, axis=0)[-1]
    return products.sum(axis=0)


class SVR:
    """A weighted sum of similarities.

    Args:
        kernel: node.
        weights: of the support vectors.
        intercept: a number.
    """

    def __init__(self, kernel: Any, weights: Any, intercept: float) -> None:
        self._kernel, self._weights, self._intercept = kernel, weights, intercept

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,)."""
        return _sums(self._kernel(table), self._weights) + self._intercept


class OneClassSVM(SVR):
    """Tells outliers by a weighted sum of similarities.

    Args:
        offset: array of shape (1,).
        others: of `SVR`.
    """

    def __init__(self, offset: Any, **others: Any) -> None:
        super().__init__(**others)
        self._offset = offset

    def decision_function(self, table: Any) -> Any:
        """Return values of shape (rows,), negative for outliers."""
        return super().predict(table)

    def score_samples(self, table: Any) -> Any:
        """Return values of shape (rows,), lower for outliers."""
        return self.decision_function(table) + self._offset

    def predict(self, table: Any) -> Any:
        """Return 1, or -1 for outliers."""
        return np.where(self.decision_function(table) > 0, 1, -1)


class SVC:
    """A classifier with a weighted sum of similarities for each pair of classes.

    Args:
        kernel: node.
        weights: of shape (classes - 1, vectors).
        intercepts: of each pair.
        sigmoids: slopes and intercepts of the probabilities, of shape (2, pairs), or None.
        options: "classes": the labels; "counts": of each class's support vectors; "one_by_one":
            whether decision values are of pairs; "break_ties": whether they decide between
            classes with as many votes.
    """

    def __init__(
        self,
        kernel: Any,
        weights: Any,
        intercepts: Any,
        *,
        sigmoids: Any,
        options: dict[str, Any],
    ) -> None:
        self._kernel, self._sigmoids, self._classes = kernel, sigmoids, options["classes"]
        self._one_by_one, self._break_ties = options["one_by_one"], options["break_ties"]
        counts = options["counts"]
        ends = np.cumsum(counts)
        spans = [slice(end - count, end) for end, count in zip(ends, counts, strict=True)]
        of = range(len(counts))
        pairs = [(first, second) for first in of for second in range(first + 1, len(counts))]
        self._pairs = [
            (
                np.r_[spans[first], spans[second]],
                np.concatenate([weights[second - 1, spans[first]], weights[first, spans[second]]]),
                intercepts[number],
            )
            for number, (first, second) in enumerate(pairs)
        ]
        self._places = pairs
        self._padded = _padded(self._pairs, len(weights.T))

    def _values(self, table: Any) -> Any:
        """Return the values of each pair, of shape (pairs, rows), above 0 for its first class."""
        similar = self._kernel(table)
        if similar.shape[1] == 1 and len(self._pairs) > 1:
            vectors, factors, intercepts = self._padded
            products = np.append(similar, 0.0)[vectors] * factors
            return (products.sum(axis=0) + intercepts).reshape(-1, 1)
        found = np.zeros((len(self._pairs), similar.shape[1]))
        for number, (vectors, weights, intercept) in enumerate(self._pairs):
            found[number] = _sums(similar[vectors], weights) + intercept
        return found

    def decision_function(self, table: Any) -> Any:
        """Return values of shape (rows,) for two classes, else (rows, classes or pairs)."""
        return self._decided(self._values(table))

    def _decided(self, values: Any) -> Any:
        if len(values) == 1:
            return -values[0]
        if self._one_by_one:
            return values.T
        return votes_of(list(values < 0), list(-values), len(self._classes))

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        values = self._values(table)
        if self._break_ties and len(values) > 1:
            return self._classes[self._decided(values).argmax(axis=1)]
        votes = np.zeros((values.shape[1], len(self._classes)), dtype=np.intp)
        for (first, second), value in zip(self._places, values, strict=True):
            votes[:, first] += value > 0
            votes[:, second] += ~(value > 0)
        return self._classes[votes.argmax(axis=1)]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        values, count = self._values(table), len(self._classes)
        slopes, intercepts = self._sigmoids
        pairs = np.zeros((count, count, values.shape[1]))
        for number, (first, second) in enumerate(self._places):
            one = _sigmoid(values[number] * slopes[number] + intercepts[number])
            pairs[first, second] = one = np.minimum(np.fmax(_LEAST, one), 1 - _LEAST)
            pairs[second, first] = 1 - one
        return coupled(pairs)


def _padded(pairs: list[Any], count: int) -> tuple[Any, Any, Any]:
    """Return vectors, weights and intercepts of all pairs, for sums of one row.

    Sums may end with any number of zeros, so that the first two have the shape (most, pairs).
    """
    most = max(len(weights) for _, weights, _ in pairs)
    vectors = np.full((most, len(pairs)), count)
    factors = np.zeros((most, len(pairs)))
    for number, (some, weights, _) in enumerate(pairs):
        vectors[: len(some), number], factors[: len(some), number] = some, weights
    return vectors, factors, np.array([intercept for _, _, intercept in pairs])


def _sigmoid(values: Any) -> Any:
    power = exp(-np.abs(values))
    return np.where(values >= 0, power, 1.0) / (1.0 + power)

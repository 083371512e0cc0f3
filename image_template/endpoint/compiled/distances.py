"""Reduced distances between rows, as scikit-learn rounds them: squared, for Euclidean ones."""

from typing import Any

import numpy as np

from endpoint.compiled.candidates import FEW

BLOCK = 256
"""Rows that scikit-learn's brute-force search multiplies at once."""


class Known:
    """Reduced distances of each row to each row of training, as they are in an array."""

    def __init__(self, distances: Any) -> None:
        self._distances = distances

    def at(self, rows: Any, numbers: Any) -> Any:
        """Return the distances of pairs."""
        return self._distances[rows, numbers]

    def whole(self, rows: Any) -> Any:
        """Return the distances of rows to all rows of training."""
        return self._distances[rows]


class Between:
    """Squared distances, added column by column where they are asked for.

    Args:
        columns: of the rows of training, of shape (columns, rows).
        x: of shape (queries, columns).
    """

    def __init__(self, columns: Any, x: Any) -> None:
        self._columns, self._x = columns, np.ascontiguousarray(x.T)

    def at(self, rows: Any, numbers: Any) -> Any:
        """Return the distances of pairs."""
        found = self._columns.take(numbers, axis=1) - self._x.take(rows, axis=1)
        found *= found
        return found.sum(axis=0)

    def whole(self, rows: Any) -> Any:
        """Return the distances of rows to all rows of training."""
        return apart(self._columns, self._x.T[rows], "euclidean")


class Multiplied:
    """Squared distances by products of matrices.

    Args:
        products: of rows and rows of training, times -2.
        lengths: squared, of the rows.
        squares: squared lengths of the rows of training.
    """

    def __init__(self, products: Any, lengths: Any, squares: Any) -> None:
        self.products, self.lengths, self._squares = products, lengths, squares

    def at(self, rows: Any, numbers: Any) -> Any:
        """Return the distances of pairs."""
        found = self.products[rows, numbers] + self.lengths[rows] + self._squares[numbers]
        # NaN becomes 0 too: both terms may be infinite.
        return np.fmax(found, 0.0)

    def whole(self, rows: Any) -> Any:
        """Return the distances of rows to all rows of training."""
        found = self.products[rows] + self.lengths[rows].reshape(-1, 1) + self._squares
        return np.fmax(found, 0.0)


def apart(columns: Any, x: Any, metric: str) -> Any:
    """Return reduced distances (squared, for Euclidean ones), added column by column.

    Args:
        columns: of shape (columns, rows).
        x: of shape (queries, columns).
        metric: "euclidean", "manhattan" or "chebyshev".
    """
    if len(x) > FEW:
        return _added(columns, x, metric)
    found = (columns - x[:, :, None]).astype(np.float64, copy=False)
    if metric != "euclidean":
        np.abs(found, out=found)
        return found.max(axis=1) if metric == "chebyshev" else found.sum(axis=1)
    found *= found
    return found.sum(axis=1)


def _added(columns: Any, x: Any, metric: str) -> Any:
    """Return what `apart` does; faster for many rows, slower for few."""
    total = None
    for column, values in zip(columns, x.T, strict=True):
        found = (column - values[:, None]).astype(np.float64, copy=False)
        if metric == "euclidean":
            found *= found
        else:
            np.abs(found, out=found)
        if total is None:
            total = found
        elif metric == "chebyshev":
            np.maximum(total, found, out=total)
        else:
            total += found
    return total


def squares(rows: Any) -> Any:
    """Return the squared norm of each row, by BLAS's dot."""
    return np.matmul(rows[:, None, :], rows[:, :, None]).reshape(-1)


def products(x: Any, rows: Any) -> Any:
    """Return x times the transpose of rows, by BLAS's gemm in blocks as scikit-learn calls it."""
    # For one row, NumPy calls gemv, whose last bit may differ.
    several = x if len(x) > 1 else np.concatenate([x, x])
    parts = [several @ rows[low : low + BLOCK].T for low in range(0, len(rows), BLOCK)]
    found = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
    return found[: len(x)]

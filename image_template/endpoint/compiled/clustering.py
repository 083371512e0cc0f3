"""Clusters with centers."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import numbers
from endpoint.compiled.distances import products


class KMeans:
    """The nearest center.

    Args:
        centers: of shape (clusters, columns).
        squares: the squared norm of each.
    """

    def __init__(self, centers: Any, squares: Any) -> None:
        self._centers, self._squares = centers, squares

    def predict(self, table: Any) -> Any:
        """Return the numbers of clusters."""
        x = np.ascontiguousarray(self._input(table))
        with np.errstate(over="ignore", invalid="ignore"):
            found = self._squares + -2.0 * products(x, self._centers)
        # scikit-learn begins with the first center and goes on to those that are nearer.
        found[np.isnan(found[:, 0]), 0] = -np.inf
        found[np.isnan(found)] = np.inf
        return found.argmin(axis=1).astype(np.int32)

    def transform(self, table: Any) -> Any:
        """Return distances of shape (rows, clusters)."""
        x = np.ascontiguousarray(self._input(table))
        with np.errstate(over="ignore", invalid="ignore"):
            found = -2 * (x @ self._centers.T)
            found += np.einsum("ij,ij->i", x, x).reshape(-1, 1)
            found += self._squares
            np.maximum(found, 0, out=found)
        return np.sqrt(found, out=found)

    def _input(self, table: Any) -> Any:
        found = numbers(table)
        if found.dtype != self._centers.dtype:
            raise TypeError("the table has another dtype than that of training")
        return found

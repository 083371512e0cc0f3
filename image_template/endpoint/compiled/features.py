"""New columns made of others."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import numbers
from endpoint.compiled.frame import Frame
from endpoint.compiled.sparse import dot


class FunctionTransformer:
    """Applies a function of NumPy.

    Args:
        function: its name.
    """

    def __init__(self, function: str) -> None:
        self._function = getattr(np, function)

    def transform(self, table: Any) -> Any:
        """Return the function's values; a frame stays one."""
        if isinstance(table, Frame):
            return Frame([self._function(column) for column in table.columns], len(table))
        return self._function(table)


class PCA:
    """Projects the table on components.

    Args:
        components: of shape (components, columns).
        mean: of each column.
        variance: of each component, to divide by its square root, or None.
    """

    def __init__(self, components: Any, mean: Any, variance: Any) -> None:
        self._components, self._scale = components.T, None
        self._shift = mean.reshape(1, -1) @ self._components
        if variance is not None:
            scale = np.sqrt(variance)
            self._scale = np.maximum(scale, np.finfo(scale.dtype).eps)

    def transform(self, table: Any) -> Any:
        """Return an array of shape (rows, components)."""
        found = dot(table, self._components)
        found -= self._shift
        if self._scale is not None:
            found /= self._scale
        return found


class TruncatedSVD:
    """Projects the table on components, without a mean.

    Args:
        components: of shape (components, columns).
    """

    def __init__(self, components: Any) -> None:
        self._components = components.T

    def transform(self, table: Any) -> Any:
        """Return an array of shape (rows, components)."""
        return dot(table, self._components)


class PolynomialFeatures:
    """Products of columns.

    Args:
        width: the count of products of every degree.
        steps: how the products of two and more columns are made, one after the other: the first
            and the end of other products, and the column by which they are multiplied.
        kept: the numbers of the products in the output, or None for all.
        order: in memory, "C" or "F".
        bias: whether the first column is 1.
    """

    def __init__(
        self, width: int, steps: list[list[int]], kept: Any, order: Any, *, bias: bool
    ) -> None:
        self._width, self._steps, self._kept = width, steps, kept
        self._order, self._bias = order, bias

    def transform(self, table: Any) -> Any:
        """Return the products, ordered by degree."""
        values = numbers(table)
        found = np.empty((len(values), self._width), dtype=values.dtype, order=self._order)
        found[:, : self._bias] = 1
        end = min(self._bias + values.shape[1], self._width)
        found[:, self._bias : end] = values
        for first, last, column in self._steps:
            start, end = end, end + last - first
            factor = values[:, column : column + 1]
            np.multiply(found[:, first:last], factor, out=found[:, start:end])
        return found if self._kept is None else np.array(found[:, self._kept], order=self._order)

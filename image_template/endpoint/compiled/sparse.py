"""Sparse tables, in place of scipy's CSR matrices: words of texts are few among thousands."""

from collections.abc import Callable
from typing import Any

import numpy as np

from endpoint.compiled.checks import numbers
from endpoint.compiled.frame import Frame


class Sparse:
    """A table of which only some values are stored; the others are 0.

    Args:
        starts: of each row in the other two, and their end: rows + 1 numbers.
        columns: of each value; ascending within a row.
        values: numbers.
        width: the count of columns.
    """

    def __init__(self, starts: Any, columns: Any, values: Any, width: int) -> None:
        self.starts, self.columns, self.values, self.width = starts, columns, values, width

    def __len__(self) -> int:
        """Return the count of rows."""
        return len(self.starts) - 1

    def __mul__(self, factor: float) -> "Sparse":
        """Return the table times a number."""
        return self.with_values(self.values * factor)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self), self.width

    def with_values(self, values: Any) -> "Sparse":
        """Return a table with other values at the same places."""
        return Sparse(self.starts, self.columns, values, self.width)

    def rows(self) -> Any:
        """Return the row of each stored value."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def toarray(self) -> Any:
        """Return an array of shape (rows, columns)."""
        found = np.zeros(self.shape, dtype=self.values.dtype)
        found[self.rows(), self.columns] = self.values
        return found

    def take(self, numbers: Any) -> "Sparse":
        """Return some columns; their numbers are ascending."""
        places = np.full(self.width, -1)
        places[numbers] = np.arange(len(numbers))
        columns = places[self.columns]
        kept = columns >= 0
        starts = np.concatenate(([0], np.cumsum(kept)))[self.starts]
        return Sparse(starts, columns[kept], self.values[kept], len(numbers))

    def sums(self, values: Any) -> Any:
        """Return the sum of each row's values, one float64 per stored value.

        They are added one after the other, as in Cython. NumPy's sum adds pairwise, which may
        differ in the last bit.
        """
        return np.bincount(self.rows(), values, len(self))


def dot(table: Any, coefficients: Any) -> Any:
    """Return the matrix product of a table and coefficients.

    Args:
        table: sparse, an array or a frame.
        coefficients: of shape (columns,) or (columns, outputs).

    Raises:
        ValueError: if a value is missing, infinite or no number.
    """
    if not isinstance(table, Sparse):
        return numbers(table) @ coefficients
    values = numbers(table.values[None])[0]
    several = coefficients.ndim > 1
    weights = coefficients if several else coefficients[:, None]
    lengths = np.diff(table.starts)
    few = lengths.max(initial=0) > len(table)
    found = (_by_row if few else _by_place)(table, values, weights, lengths)
    return found if several else found[:, 0]


def _by_row(table: Sparse, values: Any, weights: Any, _lengths: Any) -> Any:
    """Return the product, whose sums are made one after the other as in scipy. For few rows."""
    found = np.zeros((len(table), weights.shape[1]), np.result_type(values, weights))
    for row, (start, end) in enumerate(zip(table.starts[:-1], table.starts[1:], strict=True)):
        if end > start:
            products = values[start:end] * weights.T[:, table.columns[start:end]]
            # scipy begins with 0.0, which makes a difference for -0.0.
            found[row] = np.add.accumulate(products, axis=1)[:, -1] + 0.0
    return found


def _by_place(table: Sparse, values: Any, weights: Any, lengths: Any) -> Any:
    """Return the same. First all rows' first products are added, then their second ones."""
    weights = np.ascontiguousarray(weights)
    order = np.argsort(-lengths, kind="stable")
    starts, ends = table.starts[:-1][order], np.cumsum(np.bincount(lengths)[::-1])[::-1]
    sums = np.zeros((len(table), weights.shape[1]), np.result_type(values, weights))
    for place, rows in enumerate(ends[1:].tolist()):
        these = starts[:rows] + place
        sums[:rows] += values[these, None] * weights[table.columns[these]]
    found = np.empty_like(sums)
    found[order] = sums
    return found


def beside(tables: list[Any], array: Callable[[Any], Any] = np.asarray) -> Sparse:
    """Return tables, of which at least one is sparse, as one sparse table.

    Args:
        tables: sparse ones, arrays and frames.
        array: makes an array of a table that isn't sparse.
    """
    parts, width = [], 0
    for table in tables:
        dense = table.to_numpy() if isinstance(table, Frame) else table
        rows, columns, values = (
            _stored(table) if isinstance(table, Sparse) else _found(array(dense))
        )
        parts.append((rows, columns + width, values))
        width += table.shape[1]
    rows, columns, values = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    order = np.argsort(rows, kind="stable")
    counts = np.bincount(rows, minlength=len(tables[0]))
    starts = np.concatenate(([0], np.cumsum(counts)))
    return Sparse(starts, columns[order], values[order], width)


def _stored(table: Sparse) -> tuple[Any, Any, Any]:
    return table.rows(), table.columns, table.values


def _found(array: Any) -> tuple[Any, Any, Any]:
    rows, columns = array.nonzero()
    return rows, columns, array[rows, columns]

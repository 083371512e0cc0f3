"""Searches of the nearest rows, which choose among equal distances as scikit-learn does.

scikit-learn pushes the rows onto a heap in the order in which it meets them, so that among equal
distances the order of the search decides. Here the nearest of all rows are found at once, and rows
where that order may matter are searched again, one by one.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from endpoint.compiled.candidates import FEW, Candidates, bounds
from endpoint.compiled.checks import doubles, numbers
from endpoint.compiled.distances import (
    BLOCK,
    Between,
    Known,
    Multiplied,
    apart,
    products,
    squares,
)

_CHUNK = 1 << 16
"""Numbers in a chunk: they fit into the second-level cache."""
_ESTIMATES = 1 << 18
"""Numbers in a chunk of estimates, which are read only a few times."""
_SLACK = 1e-8
"""Far above the errors of a product of matrices, relative to the squared lengths."""

Ordered = tuple[list[float], list[int]]
"""Reduced distances in ascending order, and the numbers of their rows of training."""


class Tree:
    """A search with scikit-learn's KDTree or BallTree.

    Args:
        columns: of the rows of training, of shape (columns, rows).
        nearest: the count of rows to find.
        metric: "euclidean", "manhattan" or "chebyshev".
        nodes: arrays about the tree's nodes, by name. "order": of the rows in the leaves; "spans":
            the first row of a node in that order and its end, shape (nodes, 2); "leaves": whether
            a node is a leaf; "bounds": of shape (2, nodes, columns) in a KDTree, in a BallTree
            (1, nodes, columns), the centers; "radii": of a BallTree's nodes, or None.
    """

    tolerance = 1e-9
    """Bounds are rounded, so a node with a distance this close may be left out of a search."""

    def __init__(self, columns: Any, nearest: int, metric: str, nodes: dict[str, Any]) -> None:
        self.nearest, self.metric, self._columns = nearest, metric, columns
        self._leaves = [
            nodes["order"][first:end] if leaf else None
            for (first, end), leaf in zip(nodes["spans"].tolist(), nodes["leaves"], strict=True)
        ]
        self._bounds, self._radii = nodes["bounds"], nodes["radii"]
        self._center = columns.mean(axis=1)
        around = columns - self._center.reshape(-1, 1)
        self._times, self._squares = -2.0 * around, (around * around).sum(axis=0)

    def checked(self, table: Any) -> Any:
        """Return a table as numbers of the tree's dtype."""
        return doubles(table)

    def chunk(self) -> int:
        """Return how many rows to search at once."""
        size = _ESTIMATES if self.metric == "euclidean" else _CHUNK
        return max(1, size // int(self._columns.shape[1]))

    def candidates(self, x: Any) -> Candidates:
        """Return the rows of training that may be among the nearest of each row."""
        if self.metric == "euclidean" and len(x) > FEW:
            return self._estimated(x)
        distances = apart(self._columns, x, self.metric)
        limits = bounds(distances, self.nearest) * (1 + self.tolerance)
        return Candidates(distances, limits, self.nearest, Known(distances))

    def _estimated(self, x: Any) -> Candidates:
        """Return the same, by estimates of the distances less the squared length of each row."""
        around = x - self._center
        estimates = around @ self._times
        estimates += self._squares
        slack = _SLACK * ((around * around).sum(axis=1) + self._squares.max())
        limits = bounds(estimates, self.nearest) + slack.reshape(-1, 1)
        return Candidates(estimates, limits, self.nearest, Between(self._columns, x))

    def real(self, reduced: Any) -> Any:
        """Return distances from reduced ones."""
        return np.sqrt(reduced) if self.metric == "euclidean" else reduced

    def exact(self, x: Any, distances: Any, _several: int) -> list[Ordered]:
        """Return the nearest of each row.

        Args:
            x: the rows.
            distances: of each to all rows of training.
        """
        found = []
        for least, own in zip(self._least(x).tolist(), distances, strict=True):
            heap = _Heap(self.nearest, math.inf)
            self._visit(0, least, own, heap)
            found.append(heap.ordered())
        return found

    def _visit(self, node: int, least: list[float], distances: Any, heap: "_Heap") -> None:
        if least[node] > heap.values[0]:
            return
        rows = self._leaves[node]
        if rows is not None:
            heap.push(zip(distances[rows].tolist(), rows.tolist(), strict=True))
            return
        left, right = 2 * node + 1, 2 * node + 2
        for child in (left, right) if least[left] <= least[right] else (right, left):
            self._visit(child, least, distances, heap)

    def _least(self, x: Any) -> Any:
        """Return the least reduced distances of points to the rows of each node."""
        if self._radii is not None:
            return self._least_of_balls(x)
        total = np.zeros((len(x), len(self._leaves)))
        columns, (lowest, highest) = x.T.reshape(-1, len(x), 1), self._bounds.transpose(0, 2, 1)
        for column, low, high in zip(columns, lowest, highest, strict=True):
            under, over = low - column, column - high
            part = 0.5 * ((under + abs(under)) + (over + abs(over)))
            if self.metric == "euclidean":
                part *= part
            total = np.maximum(total, part) if self.metric == "chebyshev" else total + part
        return total

    def _least_of_balls(self, x: Any) -> Any:
        reduced = apart(self._bounds[0].T, x, self.metric)
        found = np.maximum(0.0, self.real(reduced) - self._radii)
        return found * found if self.metric == "euclidean" else found


class Brute:
    """A search through all rows.

    Args:
        rows: of training, of shape (rows, columns).
        nearest: the count of rows to find.
        metric: "euclidean", "manhattan" or "chebyshev".
        at_once: whether the labels are counted in the heap that is filled first, as scikit-learn
            does it for C-contiguous tables.
    """

    tolerance = 0.0

    def __init__(self, rows: Any, nearest: int, metric: str, *, at_once: bool) -> None:
        self.nearest, self.metric, self._rows = nearest, metric, rows
        self._at_once, self._columns = at_once, rows.T
        wide = rows.astype(np.float64, copy=False)
        self._times, self._squares = -2.0 * wide, squares(wide)

    def checked(self, table: Any) -> Any:
        """Return a table as numbers.

        Raises:
            TypeError: if its dtype is another than that of training: scikit-learn then computes
                other distances.
        """
        found = numbers(table)
        if found.dtype != self._rows.dtype:
            raise TypeError("the table has another dtype than that of training")
        return np.ascontiguousarray(found)

    def chunk(self) -> int:
        """Return how many rows to search at once."""
        if self.metric == "euclidean":
            return BLOCK
        return max(1, _CHUNK // len(self._rows))

    def candidates(self, x: Any) -> Candidates:
        """Return the rows of training that may be among the nearest of each row."""
        if self.metric != "euclidean":
            return self._among(self._rounded(apart(self._columns, x, self.metric)))
        wide = x.astype(np.float64, copy=False)
        multiplied = Multiplied(products(wide, self._times), squares(wide), self._squares)
        if len(x) <= FEW:
            return self._among(multiplied.whole(slice(None)))
        estimates = multiplied.products + self._squares
        slack = _SLACK * (multiplied.lengths + self._squares.max())
        limits = bounds(estimates, self.nearest) + slack.reshape(-1, 1)
        return Candidates(estimates, limits, self.nearest, multiplied)

    def _among(self, distances: Any) -> Candidates:
        return Candidates(
            distances, bounds(distances, self.nearest), self.nearest, Known(distances)
        )

    def real(self, reduced: Any) -> Any:
        """Return distances from reduced ones."""
        if self.metric != "euclidean":
            return reduced
        return self._rounded(np.sqrt(self._rounded(reduced)))

    def _rounded(self, values: Any) -> Any:
        """Return values as float64, rounded as scikit-learn's functions for float32 do."""
        return values.astype(self._rows.dtype, copy=False).astype(np.float64, copy=False)

    def exact(self, _x: Any, distances: Any, several: int) -> list[Ordered]:
        """Return the nearest of each row.

        Args:
            distances: of each row to all rows of training.
            several: the count of rows of the table.
        """
        found = []
        for own in distances.tolist():
            heap = _Heap(self.nearest, _MOST)
            heap.push(zip(own, range(len(own)), strict=True))
            if not self._at_once and several <= min(len(own), 4 * BLOCK):
                second = _Heap(self.nearest, _MOST)
                second.push(zip(heap.values, heap.numbers, strict=True))
                heap = second
            found.append(heap.ordered())
        return found


_MOST = float(np.finfo(np.float64).max)


class _Heap:
    """The smallest values, the largest of them first; of equal ones the first pushed stay.

    It moves values as scikit-learn's heap does (sklearn/utils/_heap.pyx).
    """

    def __init__(self, size: int, most: float) -> None:
        self.values, self.numbers = [most] * size, [0] * size

    def push(self, pairs: Iterable[tuple[float, int]]) -> None:
        values = self.values
        for value, number in pairs:
            if value < values[0]:
                self._sift(value, number)

    def _sift(self, value: float, number: int) -> None:
        values, numbers_, size, place = self.values, self.numbers, len(self.values), 0
        while True:
            child = 2 * place + 1
            if child >= size:
                break
            if child + 1 < size and values[child] < values[child + 1]:
                child += 1
            if value >= values[child]:
                break
            values[place], numbers_[place] = values[child], numbers_[child]
            place = child
        values[place], numbers_[place] = value, number

    def ordered(self) -> Ordered:
        """Return values and numbers in ascending order; equal ones keep their order.

        scikit-learn sorts more than 15 values by another algorithm, so that there the order of
        equal ones may be another.
        """
        places = sorted(range(len(self.values)), key=self.values.__getitem__)
        return [self.values[one] for one in places], [self.numbers[one] for one in places]


def parts_of(x: Any, size: int) -> Iterator[Any]:
    """Yield x in parts of at most `size` rows; one part if x is empty."""
    for low in range(0, max(1, len(x)), size):
        yield x[low : low + size]

"""Searches of the nearest rows, which choose among equal distances as scikit-learn does.

scikit-learn pushes the rows onto a heap in the order in which it meets them, so that among equal
distances the order of the search decides. Here all distances are computed at once, and rows
where that order may matter are searched again, one by one.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from endpoint.compiled.checks import doubles, numbers

_CHUNK = 1 << 16
"""Numbers in a chunk: they fit into the second-level cache."""
_FEW = 16
_BLOCK = 256
"""Rows that scikit-learn's brute-force search multiplies at once."""


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
        self._order, self._spans, self._leaves = nodes["order"], nodes["spans"], nodes["leaves"]
        self._bounds, self._radii = nodes["bounds"], nodes["radii"]

    def checked(self, table: Any) -> Any:
        """Return a table as numbers of the tree's dtype."""
        return doubles(table)

    def chunk(self) -> int:
        """Return how many rows to search at once."""
        return max(1, _CHUNK // int(self._columns.shape[1]))

    def distances(self, x: Any) -> Any:
        """Return reduced distances to all rows of training."""
        with np.errstate(over="ignore"):
            return apart(self._columns, x, self.metric)

    def real(self, reduced: Any) -> Any:
        """Return distances from reduced ones."""
        return np.sqrt(reduced) if self.metric == "euclidean" else reduced

    def exact(self, x: Any, distances: Any, _several: int) -> tuple[list[float], list[int]]:
        """Return the nearest of a row of x: reduced distances and numbers, in ascending order."""
        heap = _Heap(self.nearest, math.inf)
        point = x.tolist()
        self._visit(0, self._least(0, point), point, distances, heap)
        return heap.ordered()

    def _visit(self, node: int, least: float, point: Any, distances: Any, heap: "_Heap") -> None:
        if least > heap.values[0]:
            return
        if self._leaves[node]:
            first, end = self._spans[node].tolist()
            rows = self._order[first:end]
            heap.push(zip(distances[rows].tolist(), rows.tolist(), strict=True))
            return
        left, right = 2 * node + 1, 2 * node + 2
        near = [(self._least(left, point), left), (self._least(right, point), right)]
        for one, child in near if near[0][0] <= near[1][0] else near[::-1]:
            self._visit(child, one, point, distances, heap)

    def _least(self, node: int, point: Any) -> float:
        """Return the least reduced distance of a point to the rows of a node."""
        if self._radii is not None:
            center = np.asarray(self._bounds[0, node]).reshape(-1, 1)
            reduced = float(apart(center, np.array([point], dtype=np.float64), self.metric)[0, 0])
            if self.metric != "euclidean":
                return max(0.0, reduced - float(self._radii[node]))
            least = max(0.0, math.sqrt(reduced) - float(self._radii[node]))
            return least * least
        low, high = self._bounds[0, node].tolist(), self._bounds[1, node].tolist()
        total = 0.0
        for below, above, value in zip(low, high, point, strict=True):
            under, over = below - value, value - above
            part = 0.5 * ((under + abs(under)) + (over + abs(over)))
            total = max(total, part) if self.metric == "chebyshev" else total + self._power(part)
        return total

    def _power(self, value: float) -> float:
        if self.metric == "manhattan":
            return value
        # Python's raises an error where C's is infinite.
        return math.pow(value, 2.0) if value < 1e150 else value * value  # noqa: PLR2004


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
        self._wide, self._squares = wide, _squares(wide)

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
            return _BLOCK
        return max(1, _CHUNK // len(self._rows))

    def distances(self, x: Any) -> Any:
        """Return reduced distances to all rows of training."""
        with np.errstate(over="ignore", invalid="ignore"):
            if self.metric != "euclidean":
                return self._rounded(apart(self._columns, x, self.metric))
            wide = x.astype(np.float64, copy=False)
            found = products(wide, self._wide)
            found *= -2.0
            found += _squares(wide).reshape(-1, 1)
            found += self._squares
        # NaN becomes 0 too: both terms may be infinite.
        return np.fmax(found, 0.0, out=found)

    def real(self, reduced: Any) -> Any:
        """Return distances from reduced ones."""
        if self.metric != "euclidean":
            return reduced
        return self._rounded(np.sqrt(self._rounded(reduced)))

    def _rounded(self, values: Any) -> Any:
        """Return values as float64, rounded as scikit-learn's functions for float32 do."""
        return values.astype(self._rows.dtype, copy=False).astype(np.float64, copy=False)

    def exact(self, _x: Any, distances: Any, several: int) -> tuple[list[float], list[int]]:
        """Return the nearest of a row of x: reduced distances and numbers, in ascending order.

        Args:
            distances: of the row to all rows of training.
            several: the count of rows of the table.
        """
        heap = _Heap(self.nearest, _MOST)
        heap.push(zip(distances.tolist(), range(len(distances)), strict=True))
        if not self._at_once and several <= min(len(distances), 4 * _BLOCK):
            second = _Heap(self.nearest, _MOST)
            second.push(zip(heap.values, heap.numbers, strict=True))
            heap = second
        return heap.ordered()


_MOST = float(np.finfo(np.float64).max)


def apart(columns: Any, x: Any, metric: str) -> Any:
    """Return reduced distances (squared, for Euclidean ones), added column by column.

    Args:
        columns: of shape (columns, rows).
        x: of shape (queries, columns).
        metric: "euclidean", "manhattan" or "chebyshev".
    """
    if len(x) > _FEW:
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


def _squares(rows: Any) -> Any:
    """Return the squared norm of each row, by BLAS's dot."""
    return np.matmul(rows[:, None, :], rows[:, :, None]).reshape(-1)


def products(x: Any, rows: Any) -> Any:
    """Return x times the transpose of rows, by BLAS's gemm in blocks as scikit-learn calls it."""
    # For one row, NumPy calls gemv, whose last bit may differ.
    several = x if len(x) > 1 else np.concatenate([x, x])
    parts = [several @ rows[low : low + _BLOCK].T for low in range(0, len(rows), _BLOCK)]
    found = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
    return found[: len(x)]


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

    def ordered(self) -> tuple[list[float], list[int]]:
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

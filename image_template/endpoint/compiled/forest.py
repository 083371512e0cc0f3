"""The trees of an estimator, walked together: a few operations of NumPy per level."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from endpoint.compiled.masks import masks_of

_STEPS = 16384
"""Rows times trees that are walked at once: their arrays stay in the processor's cache."""
_LEVELS = 4
"""Levels between two removals of the walks that have ended."""
_MANY = 2048
"""Fewer walks aren't worth the removal."""


class Forest:
    """Binary trees: a value goes left if it is at most the threshold.

    Nodes are numbered level by level over all trees: the roots, then the children of the first
    root's split, and so on. So the numbers of children follow from the splits before.

    Args:
        trees: the count of trees.
        depth: levels of splits in the deepest tree.
        splits: `bits`, one per node, packed: whether it is a split, else it is a leaf. Of each
            split: `features`, its column; `thresholds`, in the dtype of the table; `missing`,
            a bit, packed: whether NaN goes right. `missing` is None if NaN never comes.
        leaves: `values`, the different ones, of shape (different values, outputs); `numbers`, of
            each leaf its value, or None if the values are in the order of the leaves.
    """

    def __init__(
        self, trees: int, depth: int, splits: dict[str, Any], leaves: dict[str, Any]
    ) -> None:
        features, thresholds = splits["features"], splits["thresholds"]
        count = trees + 2 * len(features)
        split = np.unpackbits(splits["bits"], count=count).astype(bool)
        self._trees, self._depth, self._split = trees, depth, split
        self._values = leaves["values"]
        # A leaf leads to itself.
        self._left = np.arange(count)
        self._left[split] = np.arange(trees, count, 2)
        self._feature = np.zeros(count, dtype=np.intp)
        self._feature[split] = features
        self._threshold = np.full(count, np.inf, dtype=thresholds.dtype)
        self._threshold[split] = thresholds
        self._missing = None
        if splits["missing"] is not None:
            self._missing = np.zeros(count, dtype=bool)
            self._missing[split] = np.unpackbits(splits["missing"], count=len(features))
        own = np.arange(count - len(features))
        self._value = np.zeros(count, dtype=np.intp)
        self._value[~split] = own if leaves["numbers"] is None else leaves["numbers"]
        nodes = {
            "split": split,
            "left": self._left,
            "feature": self._feature,
            "threshold": self._threshold,
            "missing": self._missing,
            "value": self._value,
        }
        self._masks = masks_of(nodes, trees)

    def sums(self, x: Any, first: Any = 0.0, groups: int = 1) -> Any:
        """Return the sums over the trees, added one after the other.

        Args:
            x: the table, of the thresholds' dtype.
            first: that the sums begin with: a number, one per column of the result, or the whole
                array.
            groups: the count of sums per output: tree number k belongs to the sum k % groups.

        Returns:
            An array of shape (rows, groups * outputs), of the dtype of the trees' values.
        """
        outputs = self._values.shape[1]
        found = np.empty((len(x), groups * outputs), dtype=self._values.dtype)
        found[:] = first
        end = 0
        for numbers in self._reached(x):
            part = slice(end, end := end + numbers.shape[1])
            values = self._values.take(numbers, axis=0)
            values = values.reshape(-1, groups, values.shape[1], outputs)
            values[0] += found[part].reshape(-1, groups, outputs).transpose(1, 0, 2)
            # np.sum adds in pairs where an axis is contiguous.
            total = np.add.accumulate(values, axis=0, out=values)[-1]
            found[part] = total.transpose(1, 0, 2).reshape(-1, groups * outputs)
        return found

    def outputs(self, x: Any) -> Any:
        """Return the values of all trees, of shape (trees, rows, outputs)."""
        return self._values.take(np.concatenate(list(self._reached(x)), axis=1), axis=0)

    def tree(self, number: int, x: Any) -> Any:
        """Return the values of a tree, of shape (rows, outputs).

        Raises:
            RuntimeError: if the ways to find leaves differ.
        """
        found = self._walked_all(x, np.array([number]))
        others = self._masks.ways(x, slice(number, number + 1)) if self._masks else []
        if not all(np.array_equal(found, other) for other in others):
            raise RuntimeError(f"a row reaches two leaves of tree {number}")
        return self._values.take(found[0], axis=0)

    def _reached(self, x: Any) -> Iterator[Any]:
        """Yield the numbers of the leaves' values, of shape (trees, rows), part by part."""
        step = max(1, _STEPS // self._trees)
        if self._masks and self._masks.looks_up(len(x)):
            yield from self._masks.looked_up(x, step)
            return
        way: Any = self._walked_all
        if self._masks and self._masks.compares(min(len(x), step), self._depth):
            way = self._masks.compared
        for low in range(0, max(1, len(x)), step):
            yield way(x[low : low + step])

    def _walked_all(self, x: Any, roots: Any = None) -> Any:
        """Return the numbers of the leaves' values, of shape (trees, rows), by walking."""
        roots = np.arange(self._trees) if roots is None else roots
        rows, columns = x.shape
        starts = np.tile(np.arange(0, rows * columns, columns), len(roots))
        nodes = self._walked(x.reshape(-1), np.repeat(roots, rows), starts)
        return self._value.take(nodes).reshape(len(roots), rows)

    def _walked(self, values: Any, node: Any, start: Any) -> Any:
        """Return the leaves that walks end at.

        Args:
            values: of all rows.
            node: where each walk begins.
            start: the place of each walk's row in the values.
        """
        found = walks = None
        missing = None if self._missing is None or not np.isnan(values).any() else self._missing
        for level in range(1, self._depth + 1):
            value = values.take(self._feature.take(node) + start)
            right = value > self._threshold.take(node)
            if missing is not None:
                right |= np.isnan(value) & missing.take(node)
            node = self._left.take(node) + right
            if level % _LEVELS == 0 and len(node) > _MANY:
                found = node if found is None else found
                if walks is not None:
                    found[walks] = node
                on = np.flatnonzero(self._split.take(node))
                walks = on if walks is None else walks.take(on)
                node, start = node.take(on), start.take(on)
        if found is None:
            return node
        found[walks] = node
        return found

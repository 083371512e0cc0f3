"""Trees of few leaves: all their splits are compared at once.

Each split that a row passes on the right rules out the leaves on its left. The first leaf that is
left is the one that the row reaches. Source: Lucchese et al., QuickScorer, SIGIR 2015,
https://doi.org/10.1145/2766462.2767733.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np

from endpoint.compiled.intervals import Intervals, intervals_of

_MOST = 64
"""Leaves of a tree: a bit each."""
_BLOCK = 32768
"""Comparisons at once: their arrays stay in the processor's cache."""
_FEW = 8192
"""Comparisons that take less time than calls of NumPy."""
_SPLITS = 5
"""Splits that are compared at once in the time of a step on a path."""
_BYTES = 1 << 19
"""Bytes of leaves that are ruled out at once."""
_ROWS = 16
"""From so many rows on, intervals are faster than comparisons and paths."""

_OR: Any = np.bitwise_or


def masks_of(nodes: dict[str, Any], trees: int) -> "Masks | None":
    """Return the trees of a forest, or None if one has more than 64 leaves.

    Args:
        nodes: arrays of the forest's nodes, by name: `split`, `left`, `feature`, `threshold`,
            `missing` (or None) and `value`, the number of a leaf's value.
        trees: their count.
    """
    if len(nodes["split"]) > trees * 2 * _MOST:
        return None
    places = _places(nodes["split"], nodes["left"], trees)
    return Masks(nodes, trees, places) if places[2][:trees].max() <= _MOST else None


class Masks:
    """The trees of a forest, each with at most 64 leaves.

    Args:
        nodes: see `masks_of`.
        trees: their count.
        places: of each node its tree, the place of its first leaf, and its count of leaves.
    """

    def __init__(self, nodes: dict[str, Any], trees: int, places: tuple[Any, Any, Any]) -> None:
        split, left = nodes["split"], nodes["left"]
        tree, first, under = places
        self._width = int(under[:trees].max())
        dtype = np.min_scalar_type(2**self._width - 1)
        splits = np.flatnonzero(split)
        splits = splits[np.argsort(tree[splits], kind="stable")]
        counts = np.bincount(tree[splits], minlength=trees)
        rank = np.arange(len(splits)) - np.repeat(np.cumsum(counts) - counts, counts)
        at = rank, tree[splits]
        shape = (max(1, *counts.tolist()), trees)
        self._feature = np.zeros(shape, dtype=np.intp)
        self._feature[at] = nodes["feature"][splits]
        self._threshold = np.full(shape, np.inf, dtype=nodes["threshold"].dtype)
        self._threshold[at] = nodes["threshold"][splits]
        self._ruled_out = np.zeros(shape, dtype=dtype)
        self._ruled_out[at] = _ones(first[splits], first[left[splits] + 1])
        self._missing: Any = None
        if nodes["missing"] is not None:
            self._missing = np.zeros(shape, dtype=bool)
            self._missing[at] = nodes["missing"][splits]
        leaves = np.flatnonzero(~split)
        self._value = np.zeros(trees * self._width, dtype=np.intp)
        self._value[tree[leaves] * self._width + first[leaves]] = nodes["value"][leaves]
        self._starts = (np.arange(trees) * self._width).reshape(-1, 1)

    @cached_property
    def _intervals(self) -> Intervals | None:
        splits = {
            "feature": self._feature,
            "threshold": self._threshold,
            "missing": self._missing,
            "ruled_out": self._ruled_out,
        }
        return intervals_of(splits)

    def ways(self, x: Any, trees: slice) -> list[Any]:
        """Return the numbers of the leaves' values, as all ways find them."""
        found = [self.compared(x, trees)]
        if self._intervals:
            found.append(np.concatenate(list(self.looked_up(x, len(x))), axis=1)[trees])
        return found

    def looked_up(self, x: Any, step: int) -> Iterator[Any]:
        """Yield the numbers of the leaves' values, of shape (trees, rows), found by intervals.

        Args:
            x: the table.
            step: the most rows of an array.
        """
        intervals: Any = self._intervals
        # A leaf's bit takes less room than a number, so that more rows stay in the cache.
        many = step * max(1, _BYTES // (step * self._ruled_out[0].nbytes))
        for start in range(0, len(x), many):
            ruled_out = intervals.ruled_out(x[start : start + many])
            for low in range(0, len(ruled_out), step):
                yield self._first_left(ruled_out[low : low + step].T, self._starts)

    def compared(self, x: Any, trees: slice = slice(None)) -> Any:
        """Return the numbers of the leaves' values, of shape (trees, rows), by comparisons."""
        columns = np.ascontiguousarray(x.T)
        gaps = np.isnan(columns) if self._missing is not None else None
        gaps = gaps if gaps is not None and gaps.any() else None
        count = len(self._feature)
        starts = self._starts[trees]
        step = max(1, _BLOCK // max(1, len(starts) * len(x)))
        found: Any = 0
        for at in range(0, count, step):
            found = found | self._ruled(columns, gaps, slice(at, at + step), trees)
        return self._first_left(found, starts)

    def _first_left(self, ruled_out: Any, starts: Any) -> Any:
        left = ~ruled_out
        # The lowest bit, and how many are below it.
        return self._value.take(np.bitwise_count((left & -left) - 1) + starts)

    def _ruled(self, columns: Any, gaps: Any, part: slice, trees: slice) -> Any:
        """Return the leaves that some splits rule out, as bits, of shape (trees, rows)."""
        feature = self._feature[part, trees]
        right = columns.take(feature, axis=0) > self._threshold[part, trees, None]
        if gaps is not None:
            right |= gaps.take(feature, axis=0) & self._missing[part, trees, None]
        found = right * self._ruled_out[part, trees, None]
        return found[0] if len(found) == 1 else _OR.reduce(found)

    def looks_up(self, rows: int) -> bool:
        """Return whether intervals are the fastest way to find the leaves of so many rows."""
        return rows >= _ROWS and self._intervals is not None

    def compares(self, rows: int, depth: int) -> bool:
        """Return whether comparisons are faster than walks down a depth, for rows at once."""
        splits, trees = self._feature.shape
        return rows * splits * trees <= _FEW or splits <= _SPLITS * depth


def _places(split: Any, left: Any, trees: int) -> tuple[Any, Any, Any]:
    """Return of each node: its tree, the place of its first leaf, and its count of leaves."""
    levels = [np.arange(trees)]
    while (inner := levels[-1][split[levels[-1]]]).size:
        levels.append(np.concatenate([left[inner], left[inner] + 1]))
    under = np.ones(len(split), dtype=np.intp)
    for level in reversed(levels):
        inner = level[split[level]]
        under[inner] = under[left[inner]] + under[left[inner] + 1]
    tree, first = np.zeros((2, len(split)), dtype=np.intp)
    tree[:trees] = np.arange(trees)
    for level in levels:
        inner = level[split[level]]
        below = left[inner]
        tree[below] = tree[below + 1] = tree[inner]
        first[below], first[below + 1] = first[inner], first[inner] + under[below]
    return tree, first, under


def _ones(low: Any, high: Any) -> Any:
    """Return bits from a place up to another one."""
    one = np.uint64(1)
    return (one << high.astype(np.uint64)) - (one << low.astype(np.uint64))

"""Rows that reach every split of a tree, at its threshold and beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_MOST_ROWS = 60_000
"""Rows for all trees of an estimator. Beyond that, splits are sampled."""


@dataclass(frozen=True)
class Tree:
    """The splits of a tree: a value goes left if it is at most the threshold.

    Attributes:
        feature: the column of each node; negative for a leaf.
        threshold: of each node.
        left: the number of each node's left child.
        right: of its right child.
        columns: the count of columns.
        dtype: that values are compared in: float32, or float64.
        missing: whether NaN is allowed.
    """

    feature: Any
    threshold: Any
    left: Any
    right: Any
    columns: int
    dtype: str = "float32"
    missing: bool = False


@dataclass(frozen=True)
class Paths:
    """Rows for the trees of an estimator.

    Attributes:
        x: the rows, one tree after the other.
        counts: the count of each tree's rows.
        splits: the count of splits that have rows.
        of: the count of all splits.
    """

    x: Any
    counts: tuple[int, ...]
    splits: int
    of: int


def paths_of(trees: list[Tree]) -> Paths:
    """Return rows for the splits of trees."""
    import numpy as np

    total = sum(int((tree.feature >= 0).sum()) for tree in trees)
    each = 4 if any(tree.missing for tree in trees) else 3
    share = min(1.0, _MOST_ROWS / max(1, each * total))
    rng = np.random.default_rng(0)
    parts = [list(_rows(tree, rng, share)) for tree in trees]
    rows = [row for part in parts for row in part]
    x = np.array(rows, dtype=trees[0].dtype).reshape(len(rows), trees[0].columns)
    counts = tuple(map(len, parts))
    return Paths(x, counts, sum(counts) // each, total)


def _rows(tree: Tree, rng: Any, share: float) -> Iterator[Any]:
    """Walk a tree with the bounds of each column, and yield rows that reach its splits."""
    import numpy as np

    low = np.full(tree.columns, -np.inf)
    high = np.full(tree.columns, np.inf)
    waiting = [(0, low, high)]
    while waiting:
        node, low, high = waiting.pop()
        column = int(tree.feature[node])
        if column < 0:
            continue
        threshold = float(tree.threshold[node])
        if rng.random() < share:
            yield from _at(tree, _inside(low, high, rng), column, threshold)
        below, above = high.copy(), low.copy()
        below[column] = min(high[column], threshold)
        above[column] = max(low[column], threshold)
        waiting += [(int(tree.left[node]), low, below), (int(tree.right[node]), above, high)]


def _inside(low: Any, high: Any, rng: Any) -> Any:
    """Return values above the lower bounds, and at most the upper ones."""
    import numpy as np

    first = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high - 1.0, 0.0))
    last = np.where(np.isfinite(high), high, np.where(np.isfinite(low), low + 1.0, 1.0))
    share = rng.choice([0.5, 1.0, rng.random()], len(low))
    return last - (last - first) * (1.0 - share) * 0.999


def _at(tree: Tree, row: Any, column: int, threshold: float) -> Iterator[Any]:
    """Yield a row with the float nearest to the threshold and those beside it."""
    import numpy as np

    own = np.dtype(tree.dtype).type(threshold)
    most = own.dtype.type(np.inf)
    values = [own, np.nextafter(own, -most), np.nextafter(own, most)]
    for value in [*values, *([np.nan] if tree.missing else [])]:
        found = row.copy()
        found[column] = value
        yield found

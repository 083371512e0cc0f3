"""Rows that reach every split of a tree, at its threshold and beside it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

_MOST_ROWS = 60_000
"""Rows for all trees of an estimator. Beyond that, splits are sampled."""
_CODES = 3
"""Codes of a split that go left, and as many that go right."""


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
        missing_right: of each node, whether NaN goes right; needed for columns of codes only.
        codes: of columns of categories, the counts of codes: 0, 1 and so on.
        lefts: of nodes that split by category, the codes that go left.
    """

    feature: Any
    threshold: Any
    left: Any
    right: Any
    columns: int
    dtype: str = "float32"
    missing: bool = False
    missing_right: Any = None
    codes: Mapping[int, int] = field(default_factory=dict)
    lefts: Mapping[int, frozenset[int]] = field(default_factory=dict)


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
    parts = [list(_splits(tree, rng, share)) for tree in trees]
    rows = [row for part in parts for split in part for row in split]
    x = np.array(rows, dtype=trees[0].dtype).reshape(len(rows), trees[0].columns)
    counts = tuple(sum(map(len, part)) for part in parts)
    return Paths(x, counts, sum(map(len, parts)), total)


@dataclass(frozen=True)
class _Bounds:
    """What reaches a node: values above the lower bounds, at most the upper ones, and some codes.

    The code -1 stands for NaN.
    """

    low: Any
    high: Any
    codes: Mapping[int, frozenset[int]]

    def below(self, column: int, threshold: float) -> "_Bounds":
        """Return what is at most a threshold."""
        high = self.high.copy()
        high[column] = min(high[column], threshold)
        return replace(self, high=high)

    def above(self, column: int, threshold: float) -> "_Bounds":
        """Return what is above a threshold."""
        low = self.low.copy()
        low[column] = max(low[column], threshold)
        return replace(self, low=low)

    def only(self, column: int, codes: frozenset[int]) -> "_Bounds":
        """Return what has some codes."""
        return replace(self, codes={**self.codes, column: self.codes[column] & codes})

    def row(self, rng: Any) -> Any:
        """Return a row, with the middle, the upper end or any place between the bounds."""
        import numpy as np

        low, high = self.low, self.high
        first = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high - 1.0, 0.0))
        last = np.where(np.isfinite(high), high, np.where(np.isfinite(low), low + 1.0, 1.0))
        share = rng.choice([0.5, 1.0, rng.random()], len(low))
        found = last - (last - first) * (1.0 - share) * 0.999
        for column, codes in self.codes.items():
            code = rng.choice(sorted(codes))
            found[column] = np.nan if code < 0 else code
        return found


def _splits(tree: Tree, rng: Any, share: float) -> Iterator[list[Any]]:
    """Walk a tree with the bounds of each column, and yield the rows for each split."""
    import numpy as np

    codes = {column: frozenset(range(-1, count)) for column, count in tree.codes.items()}
    none = np.full(tree.columns, np.inf)
    waiting = [(0, _Bounds(-none, none, codes))]
    while waiting:
        node, bounds = waiting.pop()
        column = int(tree.feature[node])
        if column < 0 or not all(bounds.codes.values()):
            continue
        if node in tree.lefts:
            lefts = tree.lefts[node] | (frozenset() if tree.missing_right[node] else {-1})
            sides = bounds.only(column, lefts), bounds.only(column, codes[column] - lefts)
            values = _some_codes(sides, column, rng)
        else:
            threshold = float(tree.threshold[node])
            sides = bounds.below(column, threshold), bounds.above(column, threshold)
            values = _beside(tree, threshold)
        if rng.random() < share:
            yield [_with(bounds.row(rng), column, value) for value in values]
        waiting += zip((int(tree.left[node]), int(tree.right[node])), sides, strict=True)


def _some_codes(sides: tuple[_Bounds, _Bounds], column: int, rng: Any) -> list[float]:
    """Return codes that go left, some that go right, and NaN."""
    import numpy as np

    found = [
        float(code)
        for side in sides
        for code in rng.permutation(sorted(side.codes[column] - {-1}))[:_CODES]
    ]
    return [*found, np.nan]


def _beside(tree: Tree, threshold: float) -> list[Any]:
    """Return the float nearest to a threshold, those beside it, and NaN if it is allowed."""
    import numpy as np

    own = np.dtype(tree.dtype).type(threshold)
    most = own.dtype.type(np.inf)
    values = [own, np.nextafter(own, -most), np.nextafter(own, most)]
    return [*values, *([np.nan] if tree.missing else [])]


def _with(row: Any, column: int, value: Any) -> Any:
    found = row.copy()
    found[column] = value
    return found

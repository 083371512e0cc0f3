"""Trees of estimators: their splits, and what reaches each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


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
class Bounds:
    """What reaches a node: values above the lower bounds, at most the upper ones, and some codes.

    The code -1 stands for NaN.
    """

    low: Any
    high: Any
    codes: Mapping[int, frozenset[int]]

    def below(self, column: int, threshold: float) -> "Bounds":
        """Return what is at most a threshold."""
        high = self.high.copy()
        high[column] = min(high[column], threshold)
        return replace(self, high=high)

    def above(self, column: int, threshold: float) -> "Bounds":
        """Return what is above a threshold."""
        low = self.low.copy()
        low[column] = max(low[column], threshold)
        return replace(self, low=low)

    def only(self, column: int, codes: frozenset[int]) -> "Bounds":
        """Return what has some codes."""
        return replace(self, codes={**self.codes, column: self.codes[column] & codes})

    def row(self) -> Any:
        """Return a row between the bounds."""
        import numpy as np

        low, high = self.low, self.high
        first = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high - 2.0, -1.0))
        last = np.where(np.isfinite(high), high, np.where(np.isfinite(low), low + 2.0, 1.0))
        found = first / 2 + last / 2
        for column, codes in self.codes.items():
            found[column] = value_of(max(codes))
        return found

    def common(self, other: "Bounds", column: int) -> "Bounds | None":
        """Return what reaches both but for the value of a column; None if nothing does."""
        import numpy as np

        low, high = np.maximum(self.low, other.low), np.minimum(self.high, other.high)
        low[column], high[column] = self.low[column], self.high[column]
        codes = {one: known & other.codes[one] for one, known in self.codes.items()}
        if column in codes:
            codes[column] = self.codes[column]
        return Bounds(low, high, codes) if (low < high).all() and all(codes.values()) else None


def value_of(code: int) -> float:
    """Return the value of a code; -1 stands for NaN."""
    return float("nan") if code < 0 else float(code)


@dataclass(frozen=True)
class Split:
    """A split.

    Attributes:
        column: that it looks at.
        threshold: of that column; None if it splits by category.
        bounds: of what reaches it.
        leaves: the numbers of the first leaf on the left, the first on the right, and their end.
    """

    column: int
    threshold: float | None
    bounds: Bounds
    leaves: tuple[int, int, int]


def walked(tree: Tree) -> tuple[list[Split], list[Bounds]]:
    """Return the splits of a tree, and the bounds of its leaves from left to right."""
    import numpy as np

    counts = _leaves_below(tree)
    splits: list[Split] = []
    leaves: dict[int, Bounds] = {}
    codes = {column: frozenset(range(-1, count)) for column, count in tree.codes.items()}
    everything = np.full(tree.columns, np.inf)
    waiting = [(0, 0, Bounds(-everything, everything, codes))]
    while waiting:
        node, first, bounds = waiting.pop()
        column = int(tree.feature[node])
        if column < 0:
            leaves[first] = bounds
            continue
        left, right = int(tree.left[node]), int(tree.right[node])
        middle = first + counts[left]
        threshold = None if node in tree.lefts else float(tree.threshold[node])
        splits.append(Split(column, threshold, bounds, (first, middle, middle + counts[right])))
        if threshold is None:
            lefts = tree.lefts[node] | (frozenset() if tree.missing_right[node] else {-1})
            sides = bounds.only(column, lefts), bounds.only(column, codes[column] - lefts)
        else:
            sides = bounds.below(column, threshold), bounds.above(column, threshold)
        waiting += zip((left, right), (first, middle), sides, strict=True)
    return splits, [leaves[number] for number in range(len(leaves))]


def _leaves_below(tree: Tree) -> dict[int, int]:
    """Return the count of leaves below each node."""
    order = [0]
    counts: dict[int, int] = {}
    for node in order:
        if tree.feature[node] >= 0:
            order += [int(tree.left[node]), int(tree.right[node])]
    for node in reversed(order):
        inner = tree.feature[node] >= 0
        below = counts[int(tree.left[node])] + counts[int(tree.right[node])] if inner else 1
        counts[node] = below
    return counts

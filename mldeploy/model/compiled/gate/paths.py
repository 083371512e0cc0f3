"""Rows that reach every split of a tree, at its threshold and beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

_MOST_ROWS = 60_000
"""Rows for all trees of an estimator. Beyond that, splits are sampled."""
_CODES = 3
"""Codes of a split that are tried on each side."""


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


Ask = Callable[[int, Any], Any]
"""Returns the outputs of a tree, by its number, for rows."""


def paths_of(trees: list[Tree], ask: Ask) -> Paths:
    """Return rows for the splits of trees.

    The rows of a split lie at its threshold and on both sides. Their other columns lead to leaves
    with different outputs, so that a split that decides otherwise is seen. Where no such leaves lie
    at the threshold, another threshold in its place changes no prediction.

    Args:
        trees: of an estimator.
        ask: returns a tree's outputs for rows.
    """
    import numpy as np

    total = sum(int((tree.feature >= 0).sum()) for tree in trees)
    each = 4 if any(tree.missing for tree in trees) else 3
    share = min(1.0, _MOST_ROWS / max(1, each * total))
    rng = np.random.default_rng(0)
    rows: list[Any] = []
    counts, splits = [], 0
    for number, tree in enumerate(trees):
        found = _rows(tree, share, partial(ask, number), rng)
        counts.append(sum(map(len, found)))
        splits += len(found)
        rows += [row for one in found for row in one]
    x = np.array(rows, dtype=trees[0].dtype).reshape(len(rows), trees[0].columns)
    return Paths(x, tuple(counts), splits, total)


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

    def row(self) -> Any:
        """Return a row between the bounds."""
        import numpy as np

        low, high = self.low, self.high
        first = np.where(np.isfinite(low), low, np.where(np.isfinite(high), high - 2.0, -1.0))
        last = np.where(np.isfinite(high), high, np.where(np.isfinite(low), low + 2.0, 1.0))
        found = first / 2 + last / 2
        for column, codes in self.codes.items():
            found[column] = _value_of(max(codes))
        return found

    def common(self, other: "_Bounds", column: int) -> "_Bounds | None":
        """Return what reaches both but for the value of a column; None if nothing does."""
        import numpy as np

        low, high = np.maximum(self.low, other.low), np.minimum(self.high, other.high)
        low[column], high[column] = self.low[column], self.high[column]
        codes = {one: known & other.codes[one] for one, known in self.codes.items()}
        if column in codes:
            codes[column] = self.codes[column]
        return _Bounds(low, high, codes) if (low < high).all() and all(codes.values()) else None


def _value_of(code: int) -> float:
    return float("nan") if code < 0 else float(code)


@dataclass(frozen=True)
class _Split:
    """A split.

    Attributes:
        column: that it looks at.
        threshold: of that column; None if it splits by category.
        bounds: of what reaches it.
        leaves: the numbers of the first leaf on the left, the first on the right, and their end.
    """

    column: int
    threshold: float | None
    bounds: _Bounds
    leaves: tuple[int, int, int]


def _walked(tree: Tree) -> tuple[list[_Split], list[_Bounds]]:
    """Return the splits of a tree, and the bounds of its leaves from left to right."""
    import numpy as np

    counts = _leaves_below(tree)
    splits: list[_Split] = []
    leaves: dict[int, _Bounds] = {}
    codes = {column: frozenset(range(-1, count)) for column, count in tree.codes.items()}
    everything = np.full(tree.columns, np.inf)
    waiting = [(0, 0, _Bounds(-everything, everything, codes))]
    while waiting:
        node, first, bounds = waiting.pop()
        column = int(tree.feature[node])
        if column < 0:
            leaves[first] = bounds
            continue
        left, right = int(tree.left[node]), int(tree.right[node])
        middle = first + counts[left]
        threshold = None if node in tree.lefts else float(tree.threshold[node])
        splits.append(_Split(column, threshold, bounds, (first, middle, middle + counts[right])))
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


@dataclass(frozen=True)
class _Leaves:
    """The leaves of a tree, from left to right.

    Attributes:
        bounds: of what reaches each.
        low: their lower bounds, of shape (leaves, columns).
        high: their upper bounds.
        kinds: numbers, equal for equal outputs; -1 for a leaf that nothing reaches.
    """

    bounds: list[_Bounds]
    low: Any
    high: Any
    kinds: Any


def _rows(tree: Tree, share: float, ask: Callable[[Any], Any], rng: Any) -> list[list[Any]]:
    """Return the rows of each split of a share."""
    import numpy as np

    splits, bounds = _walked(tree)
    chosen = [one for one in splits if rng.random() < share and all(one.bounds.codes.values())]
    if not chosen:
        return []
    reached = [number for number, one in enumerate(bounds) if all(one.codes.values())]
    x = np.array([bounds[number].row() for number in reached], dtype=tree.dtype)
    outputs = np.asarray(ask(x)).reshape(len(reached), -1)
    kinds = np.full(len(bounds), -1)
    kinds[reached] = np.unique(outputs, axis=0, return_inverse=True)[1].reshape(-1)
    low, high = np.array([one.low for one in bounds]), np.array([one.high for one in bounds])
    leaves = _Leaves(bounds, low, high, kinds)
    return [_of_split(tree, one, leaves) for one in chosen]


def _of_split(tree: Tree, split: _Split, leaves: _Leaves) -> list[Any]:
    pair = _telling(split, leaves)
    if split.threshold is not None:
        values = _beside(tree, split.threshold)
    else:
        sides = pair[1:] if pair else (split.bounds,)
        codes = {code for side in sides for code in sorted(side.codes[split.column])[-_CODES:]}
        values = [*map(_value_of, sorted(codes - {-1})), float("nan")]
    row = (pair[0] if pair else split.bounds).row()
    return [_with(row, split.column, value) for value in values]


def _telling(split: _Split, leaves: _Leaves) -> tuple[_Bounds, _Bounds, _Bounds] | None:
    """Return what reaches two leaves with different outputs, one on each side, and these."""
    import numpy as np

    first, middle, end = split.leaves
    left, right = np.arange(first, middle), np.arange(middle, end)
    if split.threshold is not None:  # leaves beside the threshold
        left = left[leaves.high[left, split.column] == split.threshold]
        right = right[leaves.low[right, split.column] == split.threshold]
    for one, other in ((_spread(left), right), (left, _spread(right))):
        for number, opposite in _pairs(split.column, leaves, one, other):
            pair = leaves.bounds[number], leaves.bounds[opposite]
            both = pair[0].common(pair[1], split.column)
            if both is not None:
                return both, *pair
    return None


def _pairs(column: int, leaves: _Leaves, left: Any, right: Any) -> list[list[int]]:
    """Return pairs of leaves with different outputs whose numbers have common values."""
    import numpy as np

    others = np.arange(leaves.low.shape[1]) != column
    low, high = leaves.low[:, others], leaves.high[:, others]
    found = leaves.kinds[left][:, None] != leaves.kinds[right][None]
    found &= (leaves.kinds[left] >= 0)[:, None] & (leaves.kinds[right] >= 0)[None]
    found &= (low[left][:, None] < high[right][None]).all(axis=2)
    found &= (low[right][None] < high[left][:, None]).all(axis=2)
    places = np.argwhere(found)[:_MOST_PAIRS]
    pairs: list[list[int]] = np.column_stack([left[places[:, 0]], right[places[:, 1]]]).tolist()
    return pairs


_MOST_PAIRS = 64
_MOST_LEAVES = 16


def _spread(numbers: Any) -> Any:
    """Return at most some of the numbers, evenly."""
    return numbers[:: -(-len(numbers) // _MOST_LEAVES) or 1]


def _beside(tree: Tree, threshold: float) -> list[Any]:
    """Return the last float that goes left, the first that goes right, one below, and NaN."""
    import numpy as np

    left = np.dtype(tree.dtype).type(threshold)
    infinity = left.dtype.type(np.inf)
    if left > threshold:
        left = np.nextafter(left, -infinity)
    values = [left, np.nextafter(left, infinity), np.nextafter(left, -infinity)]
    return [*values, *([np.nan] if tree.missing else [])]


def _with(row: Any, column: int, value: Any) -> Any:
    found = row.copy()
    found[column] = value
    return found

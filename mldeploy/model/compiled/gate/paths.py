"""Rows that reach every split of a tree, at its threshold and beside it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from mldeploy.model.compiled.gate.walking import Bounds, Split, Tree, value_of, walked

_MOST_ROWS = 60_000
"""Rows for all trees of an estimator. Beyond that, splits are sampled."""
_CODES = 3
"""Codes of a split that are tried on each side."""


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
class _Leaves:
    """The leaves of a tree, from left to right.

    Attributes:
        bounds: of what reaches each.
        low: their lower bounds, of shape (leaves, columns).
        high: their upper bounds.
        kinds: numbers, equal for equal outputs; -1 for a leaf that nothing reaches.
    """

    bounds: list[Bounds]
    low: Any
    high: Any
    kinds: Any


def _rows(tree: Tree, share: float, ask: Callable[[Any], Any], rng: Any) -> list[list[Any]]:
    """Return the rows of each split of a share."""
    import numpy as np

    splits, bounds = walked(tree)
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


def _of_split(tree: Tree, split: Split, leaves: _Leaves) -> list[Any]:
    pair = _telling(split, leaves)
    if split.threshold is not None:
        values = _beside(tree, split.threshold)
    else:
        sides = pair[1:] if pair else (split.bounds,)
        codes = {code for side in sides for code in sorted(side.codes[split.column])[-_CODES:]}
        values = [*map(value_of, sorted(codes - {-1})), float("nan")]
    row = (pair[0] if pair else split.bounds).row()
    return [_with(row, split.column, value) for value in values]


def _telling(split: Split, leaves: _Leaves) -> tuple[Bounds, Bounds, Bounds] | None:
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

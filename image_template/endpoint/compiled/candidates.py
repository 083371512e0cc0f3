"""The few rows of training that may be the nearest ones, found by estimates of all distances."""

from typing import Any

import numpy as np

FEW = 16
"""So few rows aren't worth the operations that spare time for many."""
_FOLDS = 8
"""How many more columns than nearest rows are left when columns are folded."""


class Candidates:
    """Rows of training that may be among the nearest.

    Args:
        estimates: of distances, of shape (rows, rows of training), or less a number per row.
        limits: the highest estimate of a candidate, of shape (rows, 1).
        least: the least count of rows of training that are returned for a row.
        distances: of the rows: `at` and `whole` tell them.

    Attributes:
        distances: reduced ones, ascending, of shape (rows, candidates). Missing ones are infinite.
        numbers: of the rows of training, of the same shape.
        whole: returns the reduced distances of some rows to all rows of training.
    """

    def __init__(self, estimates: Any, limits: Any, least: int, distances: Any) -> None:
        choose = _partitioned if len(estimates) <= FEW else _gathered
        found, numbers = choose(estimates, limits, least, distances)
        order = np.argsort(found, axis=1, kind="stable")
        every = np.arange(len(found)).reshape(-1, 1)
        self.distances, self.numbers = found[every, order], numbers[every, order]
        self.whole = distances.whole


def _partitioned(estimates: Any, limits: Any, least: int, distances: Any) -> tuple[Any, Any]:
    """Return distances and numbers of as many rows of training as the row with most candidates has.

    With fewer calls of NumPy than `_gathered`.
    """
    count = max(least, int((estimates <= limits).sum(axis=1).max(initial=0)))
    numbers = estimates.argpartition(count - 1, axis=1)[:, :count]
    rows = np.arange(len(estimates)).reshape(-1, 1)
    return distances.at(rows, numbers), numbers


def _gathered(estimates: Any, limits: Any, least: int, distances: Any) -> tuple[Any, Any]:
    """Return distances and numbers of the candidates, filled up with infinity."""
    rows, numbers = np.divmod(np.flatnonzero(estimates <= limits), estimates.shape[1])
    counts = np.bincount(rows, minlength=len(estimates))
    own = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    shape = len(estimates), max(least, int(np.max(counts)))
    found, found_numbers = np.full(shape, np.inf), np.zeros(shape, dtype=np.intp)
    found[rows, own], found_numbers[rows, own] = distances.at(rows, numbers), numbers
    return found, found_numbers


def bounds(estimates: Any, count: int) -> Any:
    """Return for each row a number that at least `count` estimates don't exceed, shape (rows, 1).

    The least of every few columns are found first, by operations on whole arrays.
    """
    columns = estimates.shape[1]
    folds = 1 if len(estimates) <= FEW else max(1, columns // (_FOLDS * count))
    width = columns // folds
    least = estimates[:, :width].copy()
    for low in range(width, columns, width):
        part = estimates[:, low : low + width]
        some = least[:, : part.shape[1]]
        np.minimum(some, part, out=some)
    least.partition(count - 1, axis=1)
    return least[:, count - 1 : count]

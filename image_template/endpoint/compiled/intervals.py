"""Trees of few leaves, for many rows: the thresholds of a column cut its values into intervals.

For each interval, the leaves that the column's splits rule out are known beforehand. So a row costs
a search and a look-up per column, however many splits there are.
"""

from typing import Any

import numpy as np

_MOST = 8_000_000
"""Bytes of the look-up tables."""


def intervals_of(splits: dict[str, Any]) -> "Intervals | None":
    """Return the intervals of trees, or None if they need too much memory.

    Args:
        splits: arrays by name, of shape (splits, trees), padded: `feature`, `threshold`,
            `missing` (or None: NaN never comes), `ruled_out`, the leaves that a split rules out on
            the right, as bits; 0 where there is no split.
    """
    rows, trees = np.nonzero(splits["ruled_out"])
    features = splits["feature"][rows, trees]
    cells = (len(rows) + 2 * len(np.unique(features))) * splits["ruled_out"].shape[1]
    if cells * splits["ruled_out"].itemsize > _MOST:
        return None
    return Intervals(splits, rows, trees, features)


class Intervals:
    """The intervals of each column that a split compares.

    Args:
        splits: see `intervals_of`.
        rows: of the splits, their first index.
        trees: and their second one.
        features: and their column.
    """

    def __init__(self, splits: dict[str, Any], rows: Any, trees: Any, features: Any) -> None:
        ruled_out, missing = splits["ruled_out"][rows, trees], splits["missing"]
        self._gaps = missing is not None
        self._none = np.zeros_like(splits["ruled_out"][0])
        self._columns = []
        for column in np.unique(features).tolist():
            own = np.flatnonzero(features == column)
            bits, tree = ruled_out[own], trees[own]
            thresholds, places = np.unique(
                splits["threshold"][rows[own], tree], return_inverse=True
            )
            # A value that is greater than k thresholds has the row k; NaN has the last one.
            table = np.tile(self._none, (len(thresholds) + 2, 1))
            np.bitwise_or.at(table, (places + 1, tree), bits)
            np.bitwise_or.accumulate(table[:-1], axis=0, out=table[:-1])
            if missing is not None:
                right = missing[rows[own], tree]
                np.bitwise_or.at(table, (-1, tree[right]), bits[right])
            self._columns.append((column, thresholds, table))

    def ruled_out(self, x: Any) -> Any:
        """Return the leaves that rows don't reach, as bits, of shape (rows, trees)."""
        found = np.zeros((len(x), self._none.size), self._none.dtype)
        for column, thresholds, table in self._columns:
            values = x[:, column]
            places = thresholds.searchsorted(values)
            if self._gaps:
                places[np.isnan(values)] = len(thresholds) + 1
            found |= table.take(places, axis=0)
        return found

"""Rows at the borders of a step's columns: where a bin ends, where 0 becomes 1."""

from typing import Any


def rows_at(borders: list[Any]) -> Any:
    """Return rows with the borders of each column, and the floats beside them.

    Args:
        borders: of each column, an array of numbers; at least one isn't empty.
    """
    import numpy as np

    columns = []
    for known in borders:
        found = np.asarray(known, dtype=np.float64)
        sides = [np.nextafter(found, -np.inf), found, np.nextafter(found, np.inf)]
        columns.append(np.concatenate(sides) if len(found) else np.zeros(1))
    count = max(map(len, columns))
    return np.column_stack([np.resize(column, count) for column in columns])

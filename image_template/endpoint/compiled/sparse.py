"""Sparse tables, in place of scipy's CSR matrices: words of texts are few among thousands."""

from typing import Any

import numpy as np


class Sparse:
    """A table of which only the values other than 0 are stored.

    Args:
        starts: of each row in the other two, and their end: rows + 1 numbers.
        columns: of each value; ascending within a row.
        values: floats.
        width: the count of columns.
    """

    def __init__(self, starts: Any, columns: Any, values: Any, width: int) -> None:
        self.starts, self.columns, self.values, self.width = starts, columns, values, width

    def __len__(self) -> int:
        """Return the count of rows."""
        return len(self.starts) - 1

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self), self.width

    def to_rows(self) -> Any:
        """Return an array of shape (rows, columns)."""
        found = np.zeros(self.shape, dtype=self.values.dtype)
        found[np.repeat(np.arange(len(self)), np.diff(self.starts)), self.columns] = self.values
        return found


def beside(tables: list[Any]) -> Sparse:
    """Return tables, of which at least one is sparse, as one sparse table."""
    raise NotImplementedError

"""Encoders of categories, and of numbers in bins."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from endpoint.compiled.checks import doubles, numbers, singles
from endpoint.compiled.frame import Frame
from endpoint.compiled.sparse import Sparse

_MISSING = object()
"""Stands for NaN among the keys of a dictionary: NaN isn't equal to itself."""


class _Codes:
    """The codes of a column's values.

    Args:
        categories: the known values.
        codes: of each category.
        unknown: the code of other values, or None to refuse them.
    """

    def __init__(self, categories: Any, codes: Sequence[Any], unknown: Any) -> None:
        keys = [_MISSING if one != one else one for one in categories]  # noqa: PLR0124 - NaN
        self._known = dict(zip(keys, codes, strict=True))
        self._unknown = unknown

    def of(self, column: Any, into: Any) -> None:
        """Write the codes of the values of a column into an array."""
        values = column.tolist()
        found = list(map(self._known.get, values))
        into[:] = [self._slowly(value) for value in values] if None in found else found

    def _slowly(self, value: Any) -> Any:
        key = _MISSING if value != value else value  # noqa: PLR0124 - NaN
        found = self._known.get(key, self._unknown)
        if found is None or (isinstance(value, float) and math.isinf(value)):
            raise ValueError(f"the category {value!r} is unknown")
        return found


def _encoded(codes: list[_Codes], table: Any, dtype: Any) -> Any:
    """Return an array of the codes of a table's values."""
    columns = table.columns if isinstance(table, Frame) else table.T
    found = np.empty((len(table), len(codes)), dtype=dtype)
    for known, column, into in zip(codes, columns, found.T, strict=True):
        known.of(column, into)
    return found


class OneHotEncoder:
    """A column of 0 and 1 for each category.

    Args:
        categories: of each column.
        places: of each column, the number of each category's column in the output, or -1 for a
            category that is left out.
        unknown: of each column, the number for unknown values, -1 to leave them out, or None to
            refuse them.
        width: the count of columns in the output.
        dtype: of the output.
        sparse: whether the output is sparse.
    """

    def __init__(  # noqa: PLR0913 - the arguments of the file
        self,
        categories: list[Any],
        places: list[list[int]],
        unknown: list[int | None],
        width: int,
        dtype: str,
        *,
        sparse: bool,
    ) -> None:
        self._codes = [_Codes(*one) for one in zip(categories, places, unknown, strict=True)]
        self._width, self._dtype, self._sparse = width, dtype, sparse

    def transform(self, table: Any) -> Any:
        """Return a table of shape (rows, width)."""
        places = _encoded(self._codes, table, np.dtype(np.intp))
        rows, each = places.shape
        kept = places >= 0
        if kept.all():
            columns, starts = places.reshape(-1), np.arange(rows + 1) * each
        else:
            columns, starts = places[kept], np.concatenate(([0], kept.sum(axis=1).cumsum()))
        found = Sparse(starts, columns, np.ones(len(columns), dtype=self._dtype), self._width)
        return found if self._sparse else found.toarray()


class OrdinalEncoder:
    """A number for each category.

    Args:
        categories: of each column.
        codes: of each column, the number of each category.
        unknown: the number of unknown values, or None to refuse them.
        dtype: of the output.
    """

    def __init__(
        self, categories: list[Any], codes: list[Any], unknown: float | None, dtype: str
    ) -> None:
        both = zip(categories, codes, strict=True)
        self._codes = [_Codes(known, numbers_.tolist(), unknown) for known, numbers_ in both]
        self._dtype = dtype

    def transform(self, table: Any) -> Any:
        """Return an array of shape (rows, columns)."""
        return _encoded(self._codes, table, np.dtype(self._dtype))


_CHECKS = {"": numbers, "float32": singles, "float64": doubles}


class KBinsDiscretizer:
    """The number of the bin of each value, encoded or not.

    Args:
        edges: of each column, the edges between bins.
        encoder: of the numbers of bins, or None.
        dtype: "float32" or "float64", or "" to keep the table's.
    """

    def __init__(self, edges: list[Any], encoder: OneHotEncoder | None, dtype: str) -> None:
        self._edges, self._encoder, self._dtype = edges, encoder, dtype

    def transform(self, table: Any) -> Any:
        """Return the numbers of bins, or their encoding."""
        found = _CHECKS[self._dtype](table).copy(order="K")
        for number, edges in enumerate(self._edges):
            found[:, number] = edges.searchsorted(found[:, number], side="right")
        if self._encoder is None:
            return found
        made = self._encoder.transform(found)
        if isinstance(made, Sparse):
            return made.with_values(made.values.astype(found.dtype))
        return made.astype(found.dtype)

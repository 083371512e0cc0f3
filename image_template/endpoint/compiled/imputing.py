"""Missing values: replaced, or told in columns of their own."""

import math
from typing import Any

import numpy as np

from endpoint.compiled.checks import numbers, plain


class SimpleImputer:
    """Replaces missing values by one value per column.

    Args:
        kind: "float" if scikit-learn makes floats of the table, "object" if it takes Python values,
            or "" if it takes numbers as they are.
        missing: the value that stands for a missing one; NaN, a number, a text or None.
        values: one per kept column.
        kept: the numbers of the columns that remain, or None for all.
        indicator: tells missing values in columns of its own, or None.
    """

    def __init__(
        self, kind: str, missing: Any, values: Any, kept: Any, indicator: "MissingIndicator | None"
    ) -> None:
        self._kind, self._missing, self._values, self._kept = kind, missing, values, kept
        self._indicator = indicator

    def transform(self, table: Any) -> Any:
        """Return the table without missing values, and the indicator's columns behind it."""
        found = _taken(table, self._kind, self._missing)
        gaps = mask = _gaps(found, self._missing)
        if self._kept is not None:
            found, mask = found[:, self._kept], mask[:, self._kept]
        found = found.copy(order="K")
        if mask.any():
            np.copyto(found, self._values, where=mask, casting="unsafe")
        if self._indicator is None:
            return found
        return np.hstack((found, self._indicator.of(gaps)))


class MissingIndicator:
    """A bool column for each column in which values were missing.

    Args:
        missing: the value that stands for a missing one.
        columns: their numbers, or None for all.
        others: the numbers of columns in which a missing value is refused.
    """

    def __init__(self, missing: Any, columns: Any, others: Any) -> None:
        self._missing, self._columns, self._others = missing, columns, others

    def transform(self, table: Any) -> Any:
        """Return an array of bool."""
        return self.of(_gaps(_checked(table, self._missing), self._missing))

    def of(self, gaps: Any) -> Any:
        """Return the columns of a mask of missing values."""
        if self._others is not None and gaps[:, self._others].any():
            raise ValueError("a value is missing in a column that had none in training")
        return gaps if self._columns is None else gaps[:, self._columns]


def _taken(table: Any, kind: str, missing: Any) -> Any:
    found = _checked(table, missing)
    if kind == "object":
        return found.astype(object)
    if kind == "float" or found.dtype.kind == "O":
        return numbers(found, missing=_is_nan(missing))
    return found


def _checked(table: Any, missing: Any) -> Any:
    return plain(table, missing=_is_nan(missing))


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _gaps(found: Any, missing: Any) -> Any:
    if not _is_nan(missing):
        return found == missing
    if found.dtype.kind in "iu":
        return np.zeros(found.shape, dtype=bool)
    return found != found  # noqa: PLR0124 - NaN

"""Scalers of columns."""

from typing import Any

from endpoint.compiled.checks import numbers


class StandardScaler:
    """Subtracts the mean and divides by the standard deviation.

    Args:
        mean: of each column, or None.
        scale: of each column, or None.
    """

    def __init__(self, mean: Any, scale: Any) -> None:
        self._mean, self._scale = mean, scale

    def transform(self, table: Any) -> Any:
        """Return the scaled table."""
        found = numbers(table, missing=True).copy(order="K")
        if self._mean is not None:
            found -= self._mean
        if self._scale is not None:
            found /= self._scale
        return found

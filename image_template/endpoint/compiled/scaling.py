"""Scalers of columns and of rows."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import numbers, plain
from endpoint.compiled.sparse import Sparse


class Scaler:
    """Shifts and scales columns, in place of most of scikit-learn's scalers.

    Args:
        subtracted: from each column first, or None.
        divisor: of each column then, or None.
        limits: the smallest and the largest value, or None.
    """

    def __init__(
        self, subtracted: Any = None, divisor: Any = None, limits: list[float] | None = None
    ) -> None:
        self._subtracted, self._divisor, self._limits = subtracted, divisor, limits

    def transform(self, table: Any) -> Any:
        """Return the scaled table."""
        if isinstance(table, Sparse):
            return self._sparse(table)
        found = numbers(table, missing=True).copy(order="K")
        if self._subtracted is not None:
            found -= self._subtracted
        if self._divisor is not None:
            found /= self._divisor
        return found if self._limits is None else np.clip(found, *self._limits, out=found)

    def _sparse(self, table: Sparse) -> Sparse:
        values = numbers(table.values[None], missing=True)[0].copy()
        if self._divisor is not None:
            # Scikit-learn multiplies sparse tables, which may differ in the last bit.
            values *= (1.0 / self._divisor).take(table.columns)
        if self._limits is not None:
            np.clip(values, *self._limits, out=values)
        return table.with_values(values)


class StandardScaler(Scaler):
    """Subtracts the mean and divides by the standard deviation, in the table's precision.

    Args:
        mean: of each column, or None.
        scale: the standard deviation of each column, or None.
    """

    def __init__(self, mean: Any, scale: Any) -> None:
        super().__init__(mean, scale)

    def transform(self, table: Any) -> Any:
        """Return the scaled table."""
        if isinstance(table, Sparse):
            return self._sparse(table)
        found = numbers(table, missing=True).copy(order="K")
        if self._subtracted is not None:
            found -= self._subtracted.astype(found.dtype, copy=False)
        if self._divisor is not None:
            found /= self._divisor.astype(found.dtype, copy=False)
        return found


class MinMaxScaler:
    """Multiplies columns, and then adds to them.

    Args:
        factor: of each column.
        added: to each column.
        limits: the smallest and the largest value, or None.
    """

    def __init__(self, factor: Any, added: Any, limits: list[float] | None) -> None:
        self._factor, self._added, self._limits = factor, added, limits

    def transform(self, table: Any) -> Any:
        """Return the scaled table."""
        found = numbers(table, missing=True).copy(order="K")
        found *= self._factor
        found += self._added
        if self._limits is not None:
            low, high = (found.dtype.type(limit) for limit in self._limits)
            np.clip(found, low, high, out=found)
        return found


class Normalizer:
    """Divides each row by its norm.

    Args:
        norm: "l1", "l2" or "max".
    """

    def __init__(self, norm: str) -> None:
        self._norm = norm

    def transform(self, table: Any) -> Any:
        """Return the rows with a norm of 1."""
        if isinstance(table, Sparse):
            return self._sparse(table)
        found = numbers(table).copy(order="K")
        if self._norm == "l2":
            norms = np.sqrt(np.einsum("ij,ij->i", found, found))
        else:
            sizes = np.abs(found)
            norms = sizes.sum(axis=1) if self._norm == "l1" else sizes.max(axis=1)
        norms[norms < 10 * np.finfo(norms.dtype).eps] = 1.0
        found /= norms[:, None]
        return found

    def _sparse(self, table: Sparse) -> Sparse:
        values = numbers(table.values[None])[0].copy()
        sizes = values * values if self._norm == "l2" else np.abs(values)
        if self._norm == "max":
            norms = np.zeros(len(table), dtype=values.dtype)
            np.maximum.at(norms, table.rows(), sizes)
        else:
            norms = table.sums(sizes.astype(np.float64))
        norms = np.sqrt(norms) if self._norm == "l2" else norms
        norms[norms == 0] = 1.0
        values /= np.repeat(norms, np.diff(table.starts))
        return table.with_values(values)


class Binarizer:
    """1 for values above a threshold, otherwise 0.

    Args:
        threshold: a number.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def transform(self, table: Any) -> Any:
        """Return the table of 0 and 1."""
        found = plain(table)
        found = numbers(found) if found.dtype.kind == "O" else found
        return (found > self._threshold).astype(found.dtype)


class PowerTransformer:
    """The Yeo-Johnson transformation of each column.

    Args:
        powers: of each column, the parameter lambda.
        scaler: of the transformed columns, or None.
    """

    def __init__(self, powers: Any, scaler: StandardScaler | None) -> None:
        self._powers, self._scaler = powers, scaler

    def transform(self, table: Any) -> Any:
        """Return the transformed table."""
        found = numbers(table, missing=True).copy(order="K")
        with np.errstate(invalid="ignore"):
            for number, power in enumerate(self._powers):
                found[:, number] = _yeo_johnson(found[:, number], power)
        return found if self._scaler is None else self._scaler.transform(found)


def _yeo_johnson(values: Any, power: Any) -> Any:
    """Return transformed values, with scipy's operations in their order."""
    dtype = np.result_type(values, power)
    found, least = np.zeros(len(values), dtype=dtype), np.finfo(dtype).eps
    above = values >= 0
    logs, others = np.log1p(values[above]), np.log1p(-values[~above])
    found[above] = logs if abs(power) < least else np.expm1(power * logs) / power
    rest = 2 - power
    found[~above] = -np.expm1(rest * others) / rest if abs(power - 2) > least else -others
    return found


class QuantileTransformer:
    """The share of training's values below each value.

    Args:
        quantiles: of shape (quantiles, columns).
        references: the share of each quantile.
    """

    def __init__(self, quantiles: Any, references: Any) -> None:
        self._references = references, -references[::-1]
        self._quantiles = [(one, -one[::-1]) for one in quantiles.T]

    def transform(self, table: Any) -> Any:
        """Return shares from 0 to 1."""
        found = numbers(table, missing=True).copy(order="K")
        for number, (up, down) in enumerate(self._quantiles):
            values = found[:, number]
            low, high, known = values == up[0], values == up[-1], ~np.isnan(values)
            some = values[known]
            # Repeated quantiles: the mean of both ways.
            values[known] = 0.5 * (
                np.interp(some, up, self._references[0])
                - np.interp(-some, down, self._references[1])
            )
            values[high] = 1
            values[low] = 0
        return found

"""Probabilities of classes from those of pairs, as libsvm couples them."""

from typing import Any

import numpy as np

_FEW = 16
"""Rows that plain numbers take less time for than arrays."""


def coupled(pairs: Any) -> Any:
    """Return probabilities of classes from those of pairs, by libsvm's iteration.

    It is the second method of Wu, Lin and Weng, "Probability estimates for multi-class
    classification by pairwise coupling" (2004).

    Args:
        pairs: of shape (classes, classes, rows): in row i and column j, the probability of i among
            i and j.

    Returns:
        Probabilities of shape (rows, classes).
    """
    count, _, rows = pairs.shape
    if rows > _FEW:
        return _many_rows(pairs)
    found = [_one_row(pairs[:, :, row].tolist()) for row in range(rows)]
    return np.array(found, dtype=np.float64).reshape(rows, count)


def _one_row(pairs: list[list[float]]) -> list[float]:
    of = range(len(pairs))
    found = [1.0 / len(pairs)] * len(pairs)
    squares = [[-pairs[j][t] * pairs[t][j] for j in of] for t in of]
    for t in of:
        column = [row[t] for row in pairs]
        squares[t][t] = _dot(column, column)
    for _ in range(max(100, len(pairs))):
        slopes = [_dot(squares[t], found) for t in of]
        value = _dot(found, slopes)
        if max(abs(one - value) for one in slopes) < 0.005 / len(pairs):
            break
        for t in of:
            step = (-slopes[t] + value) / squares[t][t]
            found[t] += step
            value = value + step * (step * squares[t][t] + 2 * slopes[t])
            value = value / (1 + step) / (1 + step)
            slopes = [(slopes[j] + step * squares[t][j]) / (1 + step) for j in of]
            found = [one / (1 + step) for one in found]
    return found


def _many_rows(pairs: Any) -> Any:
    count, _, rows = pairs.shape
    of, result = range(count), np.empty((rows, count))
    found = np.full((count, rows), 1.0 / count)
    squares = -pairs.transpose(1, 0, 2) * pairs
    for t in of:
        squares[t, t] = _dot(pairs[:, t], pairs[:, t])
    left = np.arange(rows)
    for _ in range(max(100, count)):
        slopes = np.stack([_dot(squares[t], found) for t in of])
        value = _dot(found, slopes)
        go_on = ~(np.abs(slopes - value).max(axis=0) < 0.005 / count)
        if not go_on.all():
            result[left[~go_on]] = found[:, ~go_on].T
            left, value = left[go_on], value[go_on]
            found, slopes, squares = found[:, go_on], slopes[:, go_on], squares[:, :, go_on]
        if not len(left):
            break
        for t in of:
            step = (-slopes[t] + value) / squares[t, t]
            found[t] += step
            value = value + step * (step * squares[t, t] + 2 * slopes[t])
            value = value / (1 + step) / (1 + step)
            slopes = (slopes + step * squares[t]) / (1 + step)
            found = found / (1 + step)
    result[left] = found.T
    return result


def _dot(first: Any, second: Any) -> Any:
    """Return the sum of products, added one after the other."""
    total = 0.0
    for one, other in zip(first, second, strict=True):
        total += one * other
    return total

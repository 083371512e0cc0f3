"""Functions of numbers that scipy and scikit-learn compute in their own way."""

import math
from typing import Any

import numpy as np

_MOST = 709.782712893384
"""exp of a larger number is infinite in double precision."""


def expit(values: Any) -> Any:
    """Return 1 / (1 + exp(-x)) with the C library's exp, as scipy.special.expit does.

    NumPy's exp may differ from it in the last bit.
    """
    found = np.zeros(values.shape, dtype=np.float64)
    places, flat = found.reshape(-1), values.reshape(-1).tolist()
    for number, value in enumerate(flat):
        if -value <= _MOST:
            places[number] = 1.0 / (1.0 + math.exp(-value))
        elif value != value:  # noqa: PLR0124 - NaN
            places[number] = value
    return found


def softmax(values: Any) -> Any:
    """Return the softmax of each row, with scikit-learn's operations in their order."""
    found = values - values.max(axis=1).reshape(-1, 1)
    np.exp(found, out=found)
    found /= found.sum(axis=1).reshape(-1, 1)
    return found


def logit(values: Any) -> Any:
    """Return log(x / (1 - x)) for x between 0 and 1, as scipy.special.logit does.

    Near 0.5 it is computed in another way, which is more precise.
    """
    found = np.empty(values.shape, dtype=np.float64)
    places, flat = found.reshape(-1), values.reshape(-1).tolist()
    for number, value in enumerate(flat):
        if 0.3 <= value <= 0.65:  # noqa: PLR2004 - scipy's bounds
            twice = 2 * (value - 0.5)
            places[number] = math.log1p(twice) - math.log1p(-twice)
        else:
            places[number] = math.log(value / (1 - value))
    return found

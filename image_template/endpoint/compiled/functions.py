"""Functions of numbers that scipy and scikit-learn compute in their own way."""

import math
from typing import Any

import numpy as np

_MOST = 709.782712893384
"""exp of a larger number is infinite in double precision."""


_SAFE = 700.0
"""The C library computes exp of larger complex numbers in two steps."""
_FEW = 16
_BLOCK = 8192
"""Complex numbers that stay in the processor's cache."""


def expit(values: Any) -> Any:
    """Return 1 / (1 + exp(-x)) with the C library's exp, as scipy.special.expit does.

    NumPy's exp may differ from it in the last bit. float32 stays float32.
    """
    if values.dtype == np.float32:
        # Its float32 functions round exp of double precision, with few exceptions.
        with np.errstate(over="ignore"):
            power = exp(-values.astype(np.float64)).astype(np.float32)
        return np.float32(1.0) / (np.float32(1.0) + power)
    if values.size > _FEW:
        return 1.0 / (1.0 + exp(-values))
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


_PARTS = 32
_POLYNOMIAL = (
    float.fromhex("0x1.c6af84b912394p-5") / _PARTS**3,
    float.fromhex("0x1.ebfce50fac4f3p-3") / _PARTS**2,
    float.fromhex("0x1.62e42ff0c52d6p-1") / _PARTS,
)
"""Of 2 ** x: the coefficients of x ** 3, x ** 2 and x."""
_SCALE = float.fromhex("0x1.71547652b82fep+0") * _PARTS
_POWERS = np.array([2.0 ** (part / _PARTS) for part in range(_PARTS)])


def expf(values: Any) -> Any:
    """Return exp of float32 as the C library's expf does, to the last bit.

    It computes 2 ** (k / 32) * 2 ** r with a polynomial for the small r, in double precision.
    Source: https://sourceware.org/git/?p=glibc.git;f=sysdeps/ieee754/flt-32/e_expf.c.
    """
    exponents = _SCALE * values.astype(np.float64)
    whole = np.rint(exponents)
    rest = exponents - whole
    # Beyond these bounds, a float32 is infinite or zero.
    steps = np.minimum(np.maximum(whole, -6400), 6400).astype(np.int32)
    scale = np.ldexp(_POWERS.take(steps % _PARTS), steps // _PARTS)
    cube, square, linear = _POLYNOMIAL
    with np.errstate(over="ignore", invalid="ignore"):
        found = ((cube * rest + square) * (rest * rest) + (linear * rest + 1)) * scale
        return found.astype(np.float32)


def exp(values: Any) -> Any:
    """Return exp with the C library's function; NumPy's may differ from it in the last bit.

    For complex numbers, NumPy calls the C library, which for those without an imaginary part
    multiplies exp(x) by 1 (https://sourceware.org/git/?p=glibc.git;f=math/s_cexp_template.c).
    """
    flat = values.reshape(-1)
    found, size = np.empty(flat.shape), min(len(flat), _BLOCK)
    wide = np.zeros(size, dtype=np.complex128)
    with np.errstate(all="ignore"):
        for low in range(0, len(flat), _BLOCK):
            part = wide[: len(flat) - low]
            part.real, part.imag = flat[low : low + size], 0.0
            found[low : low + size] = np.exp(part, out=part).real
    large = np.flatnonzero(flat > _SAFE)
    found[large] = np.inf
    for place in large[flat[large] <= _MOST].tolist():
        found[place] = math.exp(flat[place])
    return found.reshape(values.shape)

"""Arrays of numbers, with the checks that scikit-learn makes before it computes."""

from typing import Any

import numpy as np

from endpoint.compiled.frame import Frame


def plain(table: Any, *, missing: bool = False) -> Any:
    """Return a table as an array of shape (rows, columns) with the dtype that it has.

    Raises:
        ValueError: if a value is infinite or missing.
    """
    found = _array(table)
    if found.dtype.kind == "f":
        return _finite(found, missing=missing)
    if found.dtype.kind == "O" and not missing and (found != found).any():  # noqa: PLR0124 - NaN
        raise ValueError("a value is missing")
    return found


def numbers(table: Any, *, missing: bool = False) -> Any:
    """Return a table as an array of floats of shape (rows, columns); float32 stays float32.

    Args:
        table: an array or a `Frame`.
        missing: whether NaN is allowed.

    Raises:
        ValueError: if a value is no number, or is infinite or missing.
    """
    found = _array(table)
    if found.dtype.kind != "f":
        found = found.astype(np.float64)
    return _finite(found, missing=missing)


def singles(table: Any, *, missing: bool = False, infinite: bool = False) -> Any:
    """Return a table as float32, which scikit-learn's trees compare.

    Args:
        table: an array, a `Frame`, or `Sparse`, whose values may not be missing.
        missing: whether NaN is allowed.
        infinite: whether infinity is, and NaN, and numbers that are too large for a float32.

    Raises:
        ValueError: if a value is no number, or isn't allowed.
    """
    if hasattr(table, "toarray"):
        missing, table = False, table.toarray()
    found = _array(table)
    with np.errstate(over="ignore"):
        found = found.astype(np.float32)
    return found if infinite else _finite(found, missing=missing)


def doubles(table: Any, *, missing: bool = False, infinite: bool = False) -> Any:
    """Return a table as float64.

    Args:
        table: an array or a `Frame`.
        missing: whether NaN is allowed.
        infinite: whether infinity is, and NaN.

    Raises:
        ValueError: if a value is no number, or isn't allowed.
    """
    found = _array(table).astype(np.float64)
    return found if infinite else _finite(found, missing=missing)


def _array(table: Any) -> Any:
    found = table.numeric() if isinstance(table, Frame) else table
    if found.ndim != 2:  # noqa: PLR2004
        raise ValueError("expected a table with two dimensions")
    return found


def _finite(found: Any, *, missing: bool) -> Any:
    if not np.isfinite(found).all() and not (missing and not np.isinf(found).any()):
        raise ValueError("a value is missing or infinite")
    return found

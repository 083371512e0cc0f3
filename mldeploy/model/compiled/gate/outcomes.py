"""Calls an estimator, or a node of a compiled model, and collects its outputs.

`clean.py` imports it by its path, so it may import nothing of mldeploy.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Found = tuple[list[Any], list[int], str]
"""Arrays, numbers of the rows that raised errors ([-1] if all rows together raised one), and the
last error."""


def together(call: Callable[[Any], Any], x: Any) -> Found:
    """Return the outputs for all rows in one call."""
    try:
        return _arrays(call(x)), [], ""
    except Exception as error:  # noqa: BLE001 - whatever a model raises
        return [], [-1], _said(error)


def alone(call: Callable[[Any], Any], rows: Iterator[Any]) -> Found:
    """Return the outputs for rows, each in a call of its own."""
    found: list[list[Any]] = []
    raised, last = [], ""
    for number, row in enumerate(rows):
        try:
            found.append(_arrays(call(row)))
        except Exception as error:  # noqa: BLE001 - as above
            raised.append(number)
            last = _said(error)
    return [np.concatenate(parts) for parts in zip(*found, strict=True)], raised, last


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def of_trees(call: Callable[[int, Any], Any], x: Any, counts: list[int]) -> Found:
    """Return the outputs of trees, each for its rows."""
    parts, start = [], 0
    for number, count in enumerate(counts):
        if count:
            parts.append(np.asarray(call(number, x[start : start + count]), dtype=np.float64))
        start += count
    return [np.concatenate(parts)], [], ""


def _arrays(found: Any) -> list[Any]:
    """Return a method's outputs: one array, or one per output."""
    several = isinstance(found, list) and len(found) and getattr(found[0], "ndim", 0) > 1
    return [_dense(one) for one in (found if several else [found])]


def _dense(found: Any) -> Any:
    # scipy's sparse arrays, DataFrames, and their stand-ins in a compiled model.
    for convert in ("toarray", "to_numpy"):
        if hasattr(found, convert):
            found = getattr(found, convert)()
    return np.asarray(found)

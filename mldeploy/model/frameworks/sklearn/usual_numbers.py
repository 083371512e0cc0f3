"""Typical numbers of a column in a fitted step: means, ranges, thresholds."""

from collections.abc import Iterator
from typing import Any

from mldeploy.model.frameworks.sklearn.libraries import LIBRARIES

_VECTORS = ("mean_", "center_", "data_min_", "data_max_", "statistics_")
"""Attributes with one number per column."""
_TABLES = ("cluster_centers_", "theta_", "quantiles_", "means_", "_fit_X")
"""Attributes with rows of one number per column."""
_MOST = 8


def usual_numbers(step: Any, place: int) -> list[float]:
    """Return a few finite numbers, in the order found.

    Args:
        step: a fitted estimator.
        place: the column's position in its input.
    """
    import math

    found = dict.fromkeys(one for one in _all(step, place) if math.isfinite(one))
    return list(found)[:_MOST]


def _all(step: Any, place: int) -> Iterator[float]:
    for name in _VECTORS:
        yield from _numbers(getattr(step, name, None), place)
    for name in _TABLES:
        table: Any = getattr(step, name, None)
        if getattr(table, "ndim", 0) == 2 and hasattr(table, "dtype") and place < table.shape[1]:  # noqa: PLR2004
            yield from _floats(table[: 2 * _MOST : 2, place])
    if hasattr(step, "tree_"):
        tree = step.tree_
        yield from _around(tree.threshold[tree.feature == place])
    mapper = getattr(step, "_bin_mapper", None)
    if mapper is not None:
        yield from _around(mapper.bin_thresholds_[place])
    for library in LIBRARIES:
        yield from library.numbers(step, place)


def _numbers(values: Any, place: int) -> Iterator[float]:
    import numpy as np

    if isinstance(values, np.ndarray) and values.ndim == 1 and place < len(values):
        yield from _floats(values[place : place + 1])


def _floats(values: Any) -> Iterator[float]:
    for one in values:
        if not isinstance(one, str | bytes) and one is not None:
            yield float(one)


def _around(thresholds: Any) -> Iterator[float]:
    """Yield numbers on both sides of thresholds."""
    if len(thresholds):
        step = max(1, len(thresholds) // 3)
        few = sorted(map(float, thresholds))[::step]
        yield few[0] - 1
        yield from few
        yield few[-1] + 1

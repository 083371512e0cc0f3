"""How good a regressor is, from predictions for rows that it wasn't fitted on."""

import math
from typing import Any

from mldeploy.facts.thresholds import SHARED
from mldeploy.model.data.ranges import range_of_numbers
from mldeploy.model.measures.unseen import Unseen
from mldeploy.model.report.rounding import short, shorts

Data = dict[str, Any]
_LEVELS = (0.5, 0.8, 0.9, 0.95)
_GROUPS, _ROWS_OF_A_GROUP = 10, 20
"""A group's figures are of several rows: a point per row would show the training data."""
_BARS = 20


def of_numbers(unseen: Unseen) -> Data:
    """Return the errors' distribution, their sizes, and the errors by predicted value."""
    true, predicted = unseen.true.astype(float), unseen.predicted.astype(float)
    errors = true - predicted
    return {
        "rows": len(errors),
        "residuals": histogram(errors),
        "intervals": _intervals(errors),
        "groups": _groups(true, predicted),
    }


def histogram(values: Any, ends: tuple[float, float] | None = None, bars: int = _BARS) -> Data:
    """Return counts in equal steps between rounded ends, each rounded down to fives.

    A count of fewer than five rows, which may be a single person's, is 0.
    """
    import numpy as np

    known = values[np.isfinite(values)]
    if not len(known):
        return {}
    if ends is None:
        found = range_of_numbers(known, "float64")
        ends = float(found["minimum"]), float(found["maximum"])
    if not ends[0] < ends[1]:
        return {}
    counts, edges = np.histogram(known, bins=bars, range=ends)
    return {
        "edges": shorts(edges, 6),
        "counts": [int(one) // SHARED * SHARED for one in counts],
    }


def _intervals(errors: Any) -> list[Data]:
    """Return, by level, the distance from a prediction that so many rows are within.

    It is the quantile of split conformal prediction: of n errors the one with the rank
    ceil((n + 1) * level), see Angelopoulos and Bates, https://arxiv.org/abs/2107.07511, section 1.
    """
    sizes = sorted(abs(errors).tolist())
    found = []
    for level in _LEVELS:
        rank = math.ceil((len(sizes) + 1) * level)
        if rank <= len(sizes):
            found.append({"level": level, "within": short(sizes[rank - 1], 3)})
    return found


def _groups(true: Any, predicted: Any) -> list[Data]:
    """Return groups of equal size by prediction, each with the means and the middle 80%."""
    import numpy as np

    count = min(_GROUPS, max(1, len(true) // _ROWS_OF_A_GROUP))
    found = []
    for rows in np.array_split(np.argsort(predicted, kind="stable"), count):
        if len(rows) < SHARED:
            continue
        low, high = np.quantile(true[rows], [0.1, 0.9])
        found.append(
            {
                "predicted": short(predicted[rows].mean()),
                "actual": short(true[rows].mean()),
                "low": short(low, 3),
                "high": short(high, 3),
                "rows": len(rows),
            }
        )
    return found

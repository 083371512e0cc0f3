"""Partial dependence: the mean prediction if a column had one value in all rows."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mldeploy.model.proof.outputs import chosen
from mldeploy.model.report.asked import Asked
from mldeploy.model.report.rounding import shorts

Data = dict[str, Any]
MOST_ROWS = 200
MOST_COLUMNS = 4
_POINTS = 20
_MOST_CLASSES = 6
SECONDS = 3.0
"""The time that it may take."""


def dependence_of(
    asked: Asked,
    x: Any,
    features: Sequence[Mapping[str, Any]],
    clock: Callable[[], float] = time.perf_counter,
) -> list[Data]:
    """Return the mean prediction by the value of each column.

    scikit-learn's partial_dependence refuses columns of integers; the values here are points
    between the published ends of a range, or published categories, never those of a row.

    Args:
        asked: the model.
        x: rows in the form of requests, of two dimensions.
        features: published facts of the columns to show; "place" is the column's index.
        clock: in seconds.

    Returns:
        By column "x", and "lines": one, of two classes that of the second, else one per class.
    """
    found = []
    started = clock()
    for one in features:
        values = _values(one)
        if len(values) < 2 or clock() - started > SECONDS:  # noqa: PLR2004 - a line
            continue
        lines = _lines(asked, x, one, values)
        if lines:
            kind = "numbers" if "minimum" in one else "values"
            found.append({"name": one["name"], "kind": kind, "x": values, "lines": lines})
        if len(found) == MOST_COLUMNS:
            break
    return found


def _values(feature: Mapping[str, Any]) -> list[Any]:
    """Return the values to try: of a range evenly spaced ones."""
    if feature["dtype"] == "boolean":
        return [False, True]
    low, high = feature.get("minimum"), feature.get("maximum")
    if feature["dtype"] in {"number", "integer"} and low is not None and high is not None:
        points = [low + (high - low) * step / (_POINTS - 1) for step in range(_POINTS)]
        if feature["dtype"] == "integer":
            return sorted({round(one) for one in points})
        return [one for one in shorts(points, 6) if one is not None]
    return list(feature.get("categories") or ())


def _lines(asked: Asked, x: Any, feature: Mapping[str, Any], values: list[Any]) -> list[Data]:
    """Return the mean scores, or predictions; nothing for a column that can't be set."""
    import numpy as np

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            scores = asked.scores(_with(x, feature["place"], values)).astype(float)
    except Exception:  # noqa: BLE001 - a picture never stops a model that fits
        return []
    table = np.array([one.mean(axis=0) for one in np.split(scores, len(values))])
    if table.ndim == 1:
        return [{"y": shorts(table)}]
    if table.shape[1] == 2:  # noqa: PLR2004 - no and yes
        return [{"class": 1, "y": shorts(table[:, 1])}]
    if table.shape[1] > _MOST_CLASSES:
        return []
    return [{"class": number, "y": shorts(line)} for number, line in enumerate(table.T)]


def _with(x: Any, place: int, values: list[Any]) -> Any:
    """Return a copy of the rows for each value, which a column then has, of the same dtype."""
    import numpy as np

    rows = list(range(len(x))) * len(values)
    given = [value for value in values for _ in range(len(x))]
    copy = chosen(x, rows).copy()
    if not hasattr(copy, "iloc"):
        copy[:, place] = np.array(given)
        return copy
    import pandas as pd

    column = copy.columns[place]
    copy.index = pd.RangeIndex(len(copy))
    copy[column] = pd.Series(given, index=copy.index).astype(x.dtypes.iloc[place])
    return copy

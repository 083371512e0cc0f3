"""Generated rows for an example request: medians, frequent values, invented text.

None is a training row, and every value occurs in at least `SHARED` rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mldeploy.facts.thresholds import SHARED
from mldeploy.model.data.columns import Feature
from mldeploy.model.data.publishing import Counts, Published
from mldeploy.model.data.ranges import floor, rounded, step_of
from mldeploy.model.json_values import plain

_TEXTS = ("an example", "1", "2026-01-01", "")
"""Values for a column of free text, in which a model may expect a number or a date."""
_MOMENT = "2026-01-01T00:00:00"

Row = list[Any]


@dataclass(frozen=True)
class Examples:
    """Rows to try one after another.

    Attributes:
        rows: values in the order of the columns; empty if there can't be any.
        lacking: the column without a value that may be shown, or "".
    """

    rows: list[Row] = field(default_factory=list)
    lacking: str = ""


class _NoValueError(Exception):
    """Raised if no value of a column may be shown. The text is the column's name."""


def examples_of(columns: Sequence[Any], counts: Sequence[Counts], shown: Published) -> Examples:
    """Return rows that the model probably accepts, most likely first.

    Args:
        columns: of training, without missing values: a Series or a 1-d array each.
        counts: of the values, one per feature.
        shown: the published features.
    """
    told = [{**one, **shown.columns.get(one["name"], {})} for one in shown.features]
    try:
        choices = [_choices(*each) for each in zip(columns, told, counts, strict=True)]
    except _NoValueError as error:
        return Examples(lacking=str(error))
    most = max(map(len, choices))
    rows = [[one[min(number, len(one) - 1)] for one in choices] for number in range(most)]
    return Examples([row for number, row in enumerate(rows) if row not in rows[:number]])


def _choices(column: Any, feature: Feature, counts: Counts) -> Row:
    """Return values of a column to try, most likely first."""
    if feature.get("closed") and "categories" in feature:
        return [_known(feature, counts)]
    if feature["dtype"] == "string":
        if "categories" in feature:
            return [_most_frequent(feature["categories"], counts)]
        return [*_TEXTS, *([None] if feature["nullable"] else [])]
    return [_typical(column, feature) if len(column) else None]


def _typical(column: Any, feature: Feature) -> Any:
    match feature["dtype"]:
        case "boolean":
            return bool(2 * int(column.sum()) >= len(column))
        case "datetime":
            return _middle_time(column, feature)
        case _:
            return _middle(column, feature)


def _known(feature: Feature, counts: Counts) -> Any:
    """Return the most frequent value, or a missing one if none may be shown.

    Raises:
        _NoValueError: if there is neither.
    """
    refused = feature.get("refused") or ()
    values = [one for one in feature["categories"] if one not in refused]
    if not feature.get("listed", True):
        values = [one for one in values if counts.get(one, 0) >= SHARED]
        values = [] if "intervals" in feature else values
    if values:
        return _most_frequent(values, counts)
    if feature["nullable"]:
        return None
    raise _NoValueError(feature["name"])


def _most_frequent(values: Row, counts: Counts) -> Any:
    return max(values, key=lambda one: counts.get(one, 0))


def _middle(column: Any, feature: Feature) -> Any:
    """Return the median, rounded to a tenth of the step of the range, and within the range."""
    import numpy as np

    values = np.asarray(column)
    half = len(values) // 2
    middle = plain(np.partition(values, half)[half])
    found = rounded(middle, step_of(plain(values.min()), plain(values.max())) / 10)
    return min(max(found, feature["minimum"]), feature["maximum"])


def _middle_time(column: Any, feature: Feature) -> str:
    """Return the start of the year, month, day or hour of the median, within the range."""
    ordered = column.sort_values()
    low, high = ordered.iloc[0], ordered.iloc[-1]
    try:
        days = high.date().toordinal() - low.date().toordinal()
        start = floor(ordered.iloc[len(ordered) // 2], days)
    except (ValueError, OverflowError, NotImplementedError):
        return _MOMENT if low.tz is None else f"{_MOMENT}Z"
    if start < low and feature.get("minimum") == low.isoformat():
        return str(low.isoformat())
    return str(start.isoformat())

"""What the columns contain, in counts that no single row makes."""

from collections.abc import Mapping, Sequence
from typing import Any

from mldeploy.facts.thresholds import SHARED
from mldeploy.model.data.publishing import Counts
from mldeploy.model.report.numbers import histogram
from mldeploy.model.report.rounding import short

Data = dict[str, Any]
MOST_COLUMNS = 100
_BARS = 12


def profile_of(
    x: Any, columns: Sequence[Any], features: Sequence[Mapping[str, Any]], counts: Sequence[Counts]
) -> list[Data]:
    """Return, by column, the share of missing values, and a histogram or counts of values.

    Args:
        x: in the form of requests.
        columns: of x, without gaps.
        features: their published facts.
        counts: rows per value of each column; each count is rounded down to fives.
    """
    found = []
    for column, one, known in list(zip(columns, features, counts, strict=True))[:MOST_COLUMNS]:
        row: Data = {"name": str(one["name"]), "missing": short(1 - len(column) / len(x), 2)}
        if one.get("categories"):
            row["values"] = {
                str(value): known.get(value, 0) // SHARED * SHARED for value in one["categories"]
            }
        elif _is_range(one):
            values = column.to_numpy(dtype=float) if hasattr(column, "to_numpy") else column
            ends = float(one["minimum"]), float(one["maximum"])
            row |= histogram(values.astype(float), ends, _BARS)
        elif one["dtype"] == "boolean":
            true = int(column.astype(bool).sum())
            row["values"] = {
                "true": true // SHARED * SHARED,
                "false": (len(column) - true) // SHARED * SHARED,
            }
        found.append(row)
    return found


def _is_range(feature: Mapping[str, Any]) -> bool:
    return feature["dtype"] in {"number", "integer"} and feature.get("minimum") is not None

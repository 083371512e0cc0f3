"""Decides which values of a column are published, and which only the endpoint reads.

See docs/privacy.md for the rule and docs/decisions/0025-what-is-published.md for the reasons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mldeploy.config.training import Publish
from mldeploy.facts.thresholds import FEW, SHARED
from mldeploy.model.data.columns import MOST_CATEGORIES, Feature, as_json

Counts = Mapping[Any, int]
"""The number of rows per value of a column."""


@dataclass(frozen=True)
class Wish:
    """The user's settings for published values.

    Attributes:
        categories: [publish] categories.
        example: of a request, or None for a generated one.
        counted: whether counts of values are meaningful; False for generated rows.
    """

    categories: Publish = None
    example: Any = None
    counted: bool = True


_VALUES = ("categories", "refused", "intervals")


@dataclass(frozen=True)
class Published:
    """Published and private parts of the columns.

    Attributes:
        features: published.
        columns: by name, the endpoint's private data to check and to build a column.
    """

    features: list[Feature]
    columns: dict[str, Feature]


def published(
    features: Sequence[Feature], counts: Sequence[Counts], publish: Publish = None
) -> Published:
    """Separate the features' published values from the private ones.

    Args:
        features: with all their values.
        counts: one per feature.
        publish: [publish] categories.
    """
    shown: list[Feature] = []
    columns: dict[str, Feature] = {}
    for one, known in zip(features, counts, strict=True):
        if "categories" not in one:
            shown.append(one)
            continue
        listed = is_listed(one, known, publish)
        if listed and len(one["categories"]) <= MOST_CATEGORIES:
            shown.append(one)
            continue
        shown.append({key: value for key, value in one.items() if key not in _VALUES})
        if one.get("closed"):
            values = {key: one[key] for key in _VALUES if key in one}
            columns[one["name"]] = values if listed else {**values, "listed": False}
    return Published(shown, columns)


def is_listed(feature: Feature, counts: Counts, publish: Publish = None) -> bool:
    """Return whether a column's values are published.

    By default they must be few, and each in `SHARED` rows. The bounds of intervals are training
    values, so by default these are never listed.
    """
    if isinstance(publish, bool):
        return publish
    if feature["name"] in (publish or ()):
        return True
    values = feature["categories"]
    frequent = all(counts.get(one, 0) >= SHARED for one in values)
    return len(values) <= FEW and frequent and "intervals" not in feature


def counts_of(columns: Sequence[Any], features: Sequence[Feature]) -> list[Counts]:
    """Return the counts of the columns whose features have values; of others nothing."""
    return [
        _counted(column, one["dtype"]) if "categories" in one else {}
        for column, one in zip(columns, features, strict=True)
    ]


def columns_of(x: Any) -> list[Any]:
    """Return the columns without gaps: Series of a DataFrame, 1-d arrays of an array."""
    if hasattr(x, "columns"):
        return [x.iloc[:, number].dropna() for number in range(x.shape[1])]
    return [_known(column) for column in (x.T if x.ndim > 1 else [x])]


def _known(column: Any) -> Any:
    return column[column == column] if column.dtype.kind == "f" else column  # noqa: PLR0124 - NaN


def _counted(column: Any, dtype: str) -> Counts:
    import numpy as np

    if hasattr(column, "value_counts"):
        counted = column.value_counts(sort=False)
        values, rows = counted.index.tolist(), counted.tolist()
    else:
        values, rows = (one.tolist() for one in np.unique(column, return_counts=True))
    return {as_json(one, dtype): int(count) for one, count in zip(values, rows, strict=True)}

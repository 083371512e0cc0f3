"""A model's signature: columns, their types and ranges, classes, the task."""

from dataclasses import dataclass
from typing import Any

from mldeploy.model.data.columns import Feature, with_learnt
from mldeploy.model.data.encoders import learnt
from mldeploy.model.data.example_rows import Examples, examples_of
from mldeploy.model.data.publishing import Wish, columns_of, counts_of, published
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.json_values import plain
from mldeploy.model.proof.outputs import Outputs
from mldeploy.model.proof.results import results_of


@dataclass(frozen=True)
class Signature:
    """The signature of requests and responses.

    Attributes:
        facts: published: "task", "input", "features", and those of `results.results_of`.
        columns: the endpoint's private data of columns, by name.
        examples: generated rows, to try one by one.
    """

    facts: dict[str, Any]
    columns: dict[str, Feature]
    examples: Examples


def signature_of(  # noqa: PLR0913, PLR0917 - what is known of a model
    data: TrainingData,
    prepared: Any,
    features: list[Feature],
    estimator: Any,
    task: str,
    found: Outputs,
    wish: Wish | None = None,
) -> Signature:
    """Return the signature of a fitted estimator.

    Args:
        data: in the form of requests.
        prepared: X that the estimator was fitted on.
        features: the columns of the data, from `columns.features_of`.
        estimator: fitted.
        task: of the estimator.
        found: its predictions for some rows.
        wish: the user's settings for published values.

    Raises:
            MldeployError: MLD214 if classes and their names or scores don't match.
    """
    known = learnt(estimator, _labels(prepared))
    every = [known.get(label) for label in _labels(data.x)]
    if prepared is not data.x:
        every = [
            one if one and _unchanged(label, data.x, prepared) else None
            for label, one in zip(_labels(data.x), every, strict=True)
        ]
    wish = wish or Wish()
    described = with_learnt(features, every)
    columns = columns_of(data.x)
    counts = counts_of(columns, described) if wish.counted else [{} for _ in described]
    shown = published(described, counts, wish.categories)
    kind = "dataframe" if hasattr(data.x, "columns") else "text" if data.x.ndim == 1 else "array"
    results = results_of(data, estimator, task, found)
    examples = examples_of(columns, counts, shown)
    return Signature(
        {"input": kind, "features": shown.features, **results}, shown.columns, examples
    )


def _labels(x: Any) -> list[Any]:
    if hasattr(x, "columns"):
        return list(x.columns)
    return list(range(x.shape[1] if x.ndim > 1 else 1))


def _unchanged(label: Any, raw: Any, prepared: Any) -> bool:
    """Return whether a `preprocess` hook left a DataFrame's column unchanged."""
    both = hasattr(raw, "columns") and hasattr(prepared, "columns")
    return both and label in prepared.columns and bool(raw[label].equals(prepared[label]))


def rows_as_json(x: Any, indices: list[int]) -> list[list[Any]]:
    """Return rows of X in the form of requests: plain values, None for missing ones."""
    if hasattr(x, "iloc") and hasattr(x, "columns"):
        # One column at a time, because a row of a DataFrame would be cast to one type.
        columns = [_values(x.iloc[indices, number]) for number in range(x.shape[1])]
        return [list(row) for row in zip(*columns, strict=True)]
    if x.ndim == 1:
        return [[str(value)] for value in x[indices]]
    return [[plain(value) for value in row] for row in x[indices]]


def _values(column: Any) -> list[Any]:
    """Return a column's values: dates as ISO 8601, intervals as their text."""
    found = []
    for value in column.tolist():
        one = plain(value)
        if hasattr(one, "isoformat"):
            one = one.isoformat()
        elif one is not None and type(one).__name__ == "Interval":
            one = str(one)
        found.append(one)
    return found

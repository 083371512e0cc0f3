"""Which steps of a fitted model the columns of X reach unchanged."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mldeploy.model.data.encoders import _chosen, _inner, _kept_by_imputer


@dataclass(frozen=True)
class Leaf:
    """A column, a step that receives it unchanged, and its position among that step's columns."""

    column: Hashable
    step: Any
    place: int


def leaves(step: Any, columns: Sequence[Hashable | None]) -> Iterator[Leaf]:
    """Yield the steps that columns reach unchanged; None marks a changed column.

    Args:
        step: a fitted estimator; pipelines, column transformers, unions and meta-estimators are
            traversed.
        columns: the step's input.
    """
    if step is None or isinstance(step, str):
        return  # "drop" and "passthrough"
    if hasattr(step, "steps"):
        yield from _of_pipeline(step, columns)
    elif hasattr(step, "transformers_"):
        for _, inner, chosen in step.transformers_:
            yield from leaves(inner, _chosen(chosen, columns))
    elif hasattr(step, "transformer_list"):
        for _, inner in step.transformer_list:
            yield from leaves(inner, columns)
    elif inner := list(_inner(step)):
        for one in inner[:1] if len(inner) > _MANY else inner:
            yield from leaves(one, columns)
        yield from _of_step(step, columns)
    else:
        yield from _of_step(step, columns)


_MANY = 10
"""All trees of a forest receive the same columns, so this many are enough."""


def _of_step(step: Any, columns: Sequence[Hashable | None]) -> Iterator[Leaf]:
    for place, column in enumerate(columns):
        if column is not None:
            yield Leaf(column, step, place)


def _of_pipeline(pipeline: Any, columns: Sequence[Hashable | None]) -> Iterator[Leaf]:
    for _, step in pipeline.steps:
        if step is None or isinstance(step, str):
            continue
        yield from leaves(step, columns)
        if type(step).__name__ != "SimpleImputer" or getattr(step, "add_indicator", False):
            return
        columns = _kept_by_imputer(step, columns)

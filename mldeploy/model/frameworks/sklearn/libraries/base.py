"""The interface of libraries with scikit-learn's API."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mldeploy.model.foreign.column_types import ColumnType

Types = dict[Hashable, ColumnType]


def _no_numbers(_step: Any, _place: int) -> Iterator[float]:
    return iter(())


@dataclass(frozen=True)
class Library:
    """A library whose models have scikit-learn's API.

    It isn't imported here, because its models already are.

    Attributes:
        package: the top-level module of its classes.
        names: returns the names of a model's columns, including generated ones, or None.
        types: returns the types of a model's input columns, in order.
        numbers: yields typical numbers of a column, by its position.
        numeric: whether columns are numbers unless `types` says otherwise.
        most_probable: its classifiers whose label is by construction the most probable class, by
            module and name.
    """

    package: str
    names: Callable[[Any], Any]
    types: Callable[[Any, Sequence[Hashable]], Types]
    numbers: Callable[[Any, int], Iterator[float]] = _no_numbers
    numeric: bool = False
    most_probable: frozenset[str] = frozenset()


def package_of(estimator: Any) -> str:
    """Return the top-level module of an estimator's class."""
    return type(estimator).__module__.partition(".")[0]

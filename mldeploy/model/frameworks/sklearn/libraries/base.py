"""What each library says of a model of its own."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mldeploy.model.foreign.column_types import ColumnType

Types = dict[Hashable, ColumnType]


def _no_numbers(_step: Any, _place: int) -> Iterator[float]:
    return iter(())


@dataclass(frozen=True)
class Library:
    """A library whose models speak scikit-learn's API.

    It isn't imported: its models have brought it.

    Attributes:
        package: the top-level module of its classes.
        names: returns the names of a model's columns, also made-up ones, or None.
        types: returns the types of the columns that a model gets, in the order in which it does.
        numbers: yields numbers that a model has met in the column at a place.
        numeric: whether a column is a number unless `types` says otherwise.
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

"""Questions for an estimator and its compiled form."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Case:
    """Rows, and what is called with them.

    Attributes:
        what: the kind of rows, for people: "unknown categories".
        x: the rows in the form of training; of an inner node an array of floats.
        methods: names of methods. "tree" is called with the number of a tree.
        alone: whether each row is predicted alone.
        node: the id of the compiled node; 0 is the whole model.
        trees: for "tree", counts of rows: the first ones belong to tree 0.
    """

    what: str
    x: Any
    methods: tuple[str, ...]
    alone: bool = False
    node: int = 0
    trees: tuple[int, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The outputs of a method for a case.

    Attributes:
        arrays: one, or one per output, with an entry per row that raised no error.
        raised: numbers of the rows with errors; (-1,) if all rows together raised one.
        error: the last of them.
    """

    arrays: list[Any] = field(default_factory=list)
    raised: tuple[int, ...] = ()
    error: str = ""

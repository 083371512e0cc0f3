"""What the readers of all formats return: some rows of a chunk, by columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, Protocol

from endpoint.batch.columns import Column
from endpoint.features import Feature

ROWS = 10_000
"""Rows that the model predicts at once: no more than a request may have by default."""


class Kept(Protocol):
    """The values of a column to keep; those of Arrow have a type, too."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the values of JSON."""
        ...

    def where(self, picked: Sequence[bool]) -> "Kept":
        """Return some of the values."""
        ...


class Texts(list[Any]):
    """What stands in a CSV, or in JSON."""

    def where(self, picked: Sequence[bool]) -> "Texts":
        """Return some of the values."""
        return Texts(compress(self, picked))


class AgainError(Exception):
    """A chunk begins or ends inside a quoted field: the file is read again as a whole."""


@dataclass
class Block:
    """Rows of a chunk.

    Attributes:
        count: of all rows, with those that have no values here.
        numbers: of the rows that have values, counted from the block's first row.
        columns: the model's, in its order: what stands in the file.
        kept: columns that go into the output, by name; Parquet's with their types.
        errors: reasons by the number of the row.
    """

    count: int
    numbers: Sequence[int]
    columns: Sequence[Sequence[Any]]
    kept: Mapping[str, Kept]
    errors: dict[int, str] = field(default_factory=dict)


class Reader(Protocol):
    """Reads a chunk of a file.

    Attributes:
        rows: of the whole file, if that is known.
    """

    rows: int | None

    def column(self, feature: Feature) -> Column:
        """Return the function that reads and checks what stands in a column of the file."""
        ...

    def blocks(self) -> Iterator[Block]:
        """Yield the chunk's rows.

        Raises:
            AgainError: if the file can't be read in chunks.
            InputError: if the file can't be read.
        """
        ...

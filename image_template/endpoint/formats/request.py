"""What every format ends as."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from endpoint.problem import ProblemError


class Shape(Enum):
    """How a format's clients expect the answer.

    ONE: `{"prediction": {…}}`. ROWS: `{"predictions": [{…}]}`. VALUES: `{"predictions": [0, 1]}`,
    what the model's own `predict` returns and nothing more.
    """

    ONE = auto()
    ROWS = auto()
    VALUES = auto()


@dataclass(frozen=True)
class Request:
    """Rows as they were sent, lists in the order of training or objects by column, unchecked."""

    rows: list[Any]
    shape: Shape


def named_rows(columns: list[str], rows: Iterable[list[Any]]) -> list[Any]:
    """Return rows as objects.

    Raises:
        ProblemError: 422 for a column that is there twice, or a row of another length.
    """
    if len(set(columns)) != len(columns):
        raise ProblemError(422, "a column is there twice")
    found = []
    for number, row in enumerate(rows):
        if len(row) != len(columns):
            wrong = f"expected {len(columns)} values, got {len(row)}"
            raise ProblemError(422, f"row {number}: {wrong}")
        found.append(dict(zip(columns, row, strict=True)))
    return found


def text_of(raw: bytes) -> str:
    """Decode a body; a byte order mark, which spreadsheets and Windows write, is no part of it.

    Raises:
        ProblemError: 400 for what isn't UTF-8.
    """
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if raw.startswith(_GZIP):
            wrong = "the body is compressed with gzip; send it uncompressed"
            raise ProblemError(400, wrong) from error
        raise ProblemError(400, "the body isn't UTF-8") from error


_GZIP = b"\x1f\x8b"
"""A gzip member's first bytes (RFC 1952, 2.3.1); no UTF-8 text has the second there."""

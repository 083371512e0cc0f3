"""The result of parsing a request, the same for all formats."""

from collections.abc import Iterable
from enum import Enum, auto
from typing import Any, NamedTuple

from endpoint.problem import ProblemError


class Shape(Enum):
    """The shape of the response that a format's clients expect.

    ONE: `{"prediction": {…}}`. ROWS: `{"predictions": [{…}]}`. The others have only the values
    that the model's `predict` returns. VALUES: `{"predictions": [0, 1]}`.
    OUTPUTS: `{"outputs": [0, 1]}`. LIST: `[0, 1]`.
    """

    ONE = auto()
    ROWS = auto()
    VALUES = auto()
    OUTPUTS = auto()
    LIST = auto()


class Request(NamedTuple):
    """Unchecked rows: lists in the order of training, or objects with column names as keys.

    `media`: the media type of a response that isn't JSON.
    """

    rows: list[Any]
    shape: Shape
    media: str = ""


def named_rows(columns: list[str], rows: Iterable[list[Any]]) -> list[Any]:
    """Return rows as objects.

    Raises:
        ProblemError: 422 for a duplicate column, or a row of another length.
    """
    if len(set(columns)) != len(columns):
        raise ProblemError(422, "duplicate column name")
    found = []
    for number, row in enumerate(rows):
        if len(row) != len(columns):
            wrong = f"expected {len(columns)} values, got {len(row)}"
            raise ProblemError(422, f"row {number}: {wrong}")
        found.append(dict(zip(columns, row, strict=True)))
    return found


def text_of(raw: bytes) -> str:
    """Decode a body, without the byte order mark that spreadsheets and Windows write.

    Raises:
        ProblemError: 400 if the body isn't UTF-8.
    """
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        if raw.startswith(_GZIP):
            wrong = "the body is compressed with gzip; add the header content-encoding: gzip"
            raise ProblemError(400, wrong) from error
        raise ProblemError(400, "the body isn't UTF-8") from error


_GZIP = b"\x1f\x8b"
"""The first bytes of a gzip member (RFC 1952, 2.3.1); they can't start a UTF-8 text."""

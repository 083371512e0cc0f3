"""Chunks of JSON Lines files."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from endpoint.batch.blocks import ROWS, Block, Texts
from endpoint.batch.columns import Column, of_values
from endpoint.batch.csv_file import mark_of, require_text
from endpoint.batch.lines import Read, blocks, boundary
from endpoint.features import Feature
from endpoint.formats.json_body import parse
from endpoint.formats.json_lines import unwrapped
from endpoint.problem import Finding, ProblemError
from endpoint.rows import values_of


class JsonFile:
    """A range of a JSON Lines file.

    Args:
        read: of the file.
        size: of the file.
        bounds: the range of bytes whose lines are read.
        features: the model's columns.
        keep: the columns that go into the output; a row without one has null there.

    Raises:
        InputError: if the file isn't text.
    """

    rows: int | None = None

    def __init__(
        self,
        read: Read,
        size: int,
        bounds: tuple[int, int],
        features: list[Feature],
        keep: Sequence[str],
    ) -> None:
        require_text(read)
        self._read, self._size, self._bounds, self._keep = read, size, bounds, keep
        self._names = dict.fromkeys(feature["name"] for feature in features)
        self._order = {name: place for place, name in enumerate(self._names)}

    def column(self, feature: Feature) -> Column:
        """Return the function that checks a column's values."""
        return of_values(feature)

    def blocks(self) -> Iterator[Block]:
        """Yield the rows."""
        body = mark_of(self._read)
        first, last = (max(body, boundary(self._read, self._size, at)) for at in self._bounds)
        pieces = blocks(self._read, first, last)
        lines = (line for piece in pieces for line in piece.split(b"\n") if line.strip())
        while found := list(islice(lines, ROWS)):
            yield self._block(found)

    def _block(self, lines: list[bytes]) -> Block:
        errors: dict[int, str] = {}
        numbers, table, rows = [], [], []
        for number, line in enumerate(lines):
            try:
                row = unwrapped(parse(line.decode()), self._names)
                values = self._values(row)
            except UnicodeDecodeError:
                errors[number] = "the line isn't UTF-8"
            except ProblemError as error:
                errors[number] = error.detail.replace("the body", "the line")
            else:
                numbers.append(number)
                table.append(values)
                rows.append(row)
        columns = list(zip(*table, strict=True)) or [()] * len(self._names)
        kept = {name: Texts(self._kept(row, name) for row in rows) for name in self._keep}
        return Block(len(lines), numbers, columns, kept, errors)

    def _values(self, row: Any) -> list[Any]:
        """Return a row's values in the order of training.

        Raises:
            ProblemError: if it isn't one value per column.
        """
        findings: list[Finding] = []
        values = values_of(0, row, self._names, findings, extra=True)
        for found in findings:
            column = f"{found['column']!r}: " if "column" in found else ""
            raise ProblemError(422, f"{column}expected {found['expected']}, got {found['got']}")
        return values

    def _kept(self, row: Any, name: str) -> Any:
        if isinstance(row, dict):
            return row.get(name)
        place = self._order.get(name)
        if place is None:
            return None
        return row[place] if isinstance(row, list) else row

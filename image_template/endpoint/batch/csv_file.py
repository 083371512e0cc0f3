"""Chunks of CSV files.

A chunk begins where a line begins. No row begins there if the line is inside a quoted field; the
chunk before it then ends inside this field, and raises AgainError. If no chunk does, all beginnings
are right: the first chunk begins at the first row, each other one where the rows before it end.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

from endpoint.batch.blocks import ROWS, AgainError, Block, Texts
from endpoint.batch.columns import Column, of_texts
from endpoint.batch.lines import Read, blocks, boundary
from endpoint.batch.names import require_columns
from endpoint.batch.stores import InputError
from endpoint.features import Feature
from endpoint.formats.csv_body import header_of
from endpoint.problem import ProblemError

_BOM = b"\xef\xbb\xbf"
_OTHERS = {
    b"\x1f\x8b": "compressed with gzip",
    b"PK\x03\x04": "a ZIP file",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PAR1": "a Parquet file",
}
"""First bytes of files that are no UTF-8 text."""
_HEAD = 1 << 16


class CsvFile:
    """A range of a CSV file.

    Args:
        read: of the file.
        size: of the file.
        bounds: the range of bytes whose lines are read.
        features: the model's columns.
        keep: the columns that go into the output.

    Raises:
        InputError: if the file isn't a CSV with these columns.
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
        self._read, self._size, self._bounds = read, size, bounds
        # Nothing before and after it: there is nothing to read again.
        self._whole = bounds[0] == 0 and bounds[1] >= size
        self._features, self._keep = features, keep
        self._garbled = False
        require_text(read)
        first, end = _first_record(read, size)
        self._body, self._header = end, first
        if first:
            self._header, named = _names(first, features, keep)
            self._body = end if named else mark_of(read)

    def column(self, feature: Feature) -> Column:
        """Return the function that reads a column's fields."""
        return of_texts(feature)

    def blocks(self) -> Iterator[Block]:
        """Yield the rows."""
        first, last = (self._boundary(at) for at in self._bounds)
        pieces = blocks(self._read, first, last)
        texts = (io.StringIO(self._text(piece), newline="") for piece in pieces)
        reader = csv.reader(chain.from_iterable(texts), strict=True)
        while records := list(self._records(reader)):
            if found := [record for record in records if record]:
                yield self._block(found)

    def _boundary(self, at: int) -> int:
        return self._body if at <= self._body else boundary(self._read, self._size, at)

    def _text(self, raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self._garbled = True
            return raw.decode(errors="surrogateescape")

    def _records(self, reader: Any) -> Iterator[list[str] | str]:
        """Yield records, or the reason why a line isn't one."""
        for _ in range(ROWS):
            before = reader.line_num
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if reader.line_num - before == 1 and "unexpected end" not in str(error):
                    yield f"the line isn't CSV: {error}"
                elif self._whole:
                    raise InputError(
                        f"a quoted field opens in line {before + 1} (not counting the header) and "
                        f"has no valid end: {error}"
                    ) from error
                else:
                    raise AgainError from error

    def _block(self, records: list[list[str] | str]) -> Block:
        width, count = len(self._header), len(records)
        errors: dict[int, str] = {}
        numbers: Sequence[int] = range(count)
        alike = set(map(type, records)) == {list} and set(map(len, records)) == {width}
        if self._garbled or not alike:
            errors = {n: why for n, one in enumerate(records) if (why := self._wrong(one, width))}
            numbers = [number for number in numbers if number not in errors]
        columns = list(zip(*(records[number] for number in numbers), strict=True)) or [()] * width
        place = self._header.index
        return Block(
            count,
            numbers,
            [columns[place(feature["name"])] for feature in self._features],
            {name: Texts(columns[place(name)]) for name in self._keep},
            errors,
        )

    def _wrong(self, record: list[str] | str, width: int) -> str:
        if isinstance(record, str):
            return record
        if len(record) != width:
            return f"expected {width} values, got {len(record)}"
        if self._garbled and any(map(_surrogates, record)):
            return "the line isn't UTF-8"
        return ""


def _surrogates(text: str) -> bool:
    return not text.isascii() and any("\udc80" <= one <= "\udcff" for one in text)


def require_text(read: Read) -> None:
    """Refuse a file that is compressed or in another encoding.

    Raises:
        InputError: with the reason.
    """
    start = read(0, 4)
    for mark, what in _OTHERS.items():
        if start.startswith(mark):
            raise InputError(f"the file is {what}; only UTF-8 text is supported")


def mark_of(read: Read) -> int:
    """Return the length of the byte order mark that spreadsheets and Windows write."""
    return len(_BOM) if read(0, 3) == _BOM else 0


def _first_record(read: Read, size: int) -> tuple[list[str], int]:
    """Return the first line that isn't blank, as fields ([] if there is none), and where it ends.

    Raises:
        InputError: if it isn't CSV.
    """
    end = mark_of(read)
    pieces = blocks(read, end, size, window=_HEAD)

    def lines() -> Iterator[str]:
        nonlocal end
        # Of bytes, `splitlines` knows the line ends of the csv module and no others.
        for raw in chain.from_iterable(piece.splitlines(keepends=True) for piece in pieces):
            end += len(raw)
            yield raw.decode(errors="surrogateescape")

    try:
        return next(filter(None, csv.reader(lines(), strict=True)), []), end
    except csv.Error as error:
        raise InputError(f"the first line isn't CSV: {error}") from error


def _names(
    first: list[str], features: list[Feature], keep: Sequence[str]
) -> tuple[list[str], bool]:
    """Return the names of the file's columns, and whether its first line has them.

    Raises:
        InputError: if that is uncertain, or a column is missing.
    """
    try:
        header = header_of(first, features)
    except ProblemError as error:
        raise InputError(error.detail) from error
    names = header or [feature["name"] for feature in features]
    require_columns(names, features, keep)
    return names, header is not None

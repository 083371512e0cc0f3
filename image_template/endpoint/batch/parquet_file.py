"""Chunks of Parquet files.

A chunk owns the row groups that begin in its range of bytes. Only they are read, and of them only
the columns of the model and those to keep.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from endpoint.batch.arrow_values import ArrowColumn, values_of
from endpoint.batch.blocks import ROWS, Block
from endpoint.batch.columns import Column, of_values
from endpoint.batch.lines import Read
from endpoint.batch.names import require_columns
from endpoint.batch.stores import InputError
from endpoint.features import Feature

_MARK, _ENCRYPTED = b"PAR1", b"PARE"
"""The last four bytes of a file; the second of one whose footer is encrypted (Apache Parquet, "File
Format" and "Parquet Modular Encryption")."""
_TAIL = 1 << 16
"""Bytes of the end that are read first, with the footer of most files."""
_PAGES = 1 << 20
"""Bytes of a column that are read at once for a sample."""


class ParquetFile:
    """The row groups of a Parquet file that begin in a range of its bytes.

    Args:
        read: of the file.
        size: of the file.
        bounds: the range.
        features: the model's columns.
        keep: the columns that go into the output.
        sample: whether the first rows are enough. Else all columns of the row groups are read
            at once, which takes few requests.

    Raises:
        InputError: if the file isn't Parquet with these columns.
    """

    def __init__(  # noqa: PLR0913 - those of every reader, and one more
        self,
        read: Read,
        size: int,
        bounds: tuple[int, int],
        features: list[Feature],
        keep: Sequence[str],
        *,
        sample: bool = False,
    ) -> None:
        self._source = _Source(read, size)
        self._bounds, self._keep = bounds, keep
        self._names = [feature["name"] for feature in features]
        self._wanted = list(dict.fromkeys((*self._names, *keep)))
        _require_parquet(read, self._source.tail)
        style = {"buffer_size": _PAGES} if sample else {"pre_buffer": True}
        self._file = self._checked(lambda: pq.ParquetFile(self._source, **style))
        self.rows: int | None = self._file.metadata.num_rows
        require_columns(self._file.schema_arrow.names, features, keep)
        self._readers = {name: self._reader(name) for name in self._wanted}

    def column(self, feature: Feature) -> Column:
        """Return the function that checks a column's values."""
        return of_values(feature)

    def blocks(self) -> Iterator[Block]:
        """Yield the rows."""
        start, end = self._bounds
        begins = _begins(self._file.metadata, self._source.size)
        groups = [number for number, at in enumerate(begins) if start <= at < end]
        if not groups:
            return
        # Chunks are what runs in parallel.
        batches = self._file.iter_batches(ROWS, groups, self._wanted, use_threads=False)
        while (batch := self._checked(lambda: next(batches, None))) is not None:
            yield self._block(batch)

    def _block(self, batch: Any) -> Block:
        names = batch.schema.names
        if sorted(names) != sorted(self._wanted):
            raise InputError(f"the names of the columns are ambiguous: {', '.join(names)}")
        columns = {name: batch.column(names.index(name)) for name in self._wanted}
        return Block(
            batch.num_rows,
            range(batch.num_rows),
            [self._values(name, columns[name]) for name in self._names],
            {name: ArrowColumn(columns[name]) for name in self._keep},
        )

    def _values(self, name: str, array: Any) -> list[Any]:
        try:
            return self._readers[name](array)
        except UnicodeDecodeError as error:
            raise InputError(f"the column {name!r} has text that isn't UTF-8") from error

    def _reader(self, name: str) -> Callable[[Any], list[Any]]:
        kind = self._file.schema_arrow.field(name).type
        read = values_of(kind)
        if read is None:
            raise InputError(
                f"the column {name!r} has the type {kind}, of which a request has no values; "
                "supported are numbers, booleans, strings, dates, timestamps, and dictionaries"
            )
        return read

    def _checked(self, work: Callable[[], Any]) -> Any:
        """Return what pyarrow returns.

        Raises:
            InputError: if the file is damaged, encrypted, or compressed in an unknown way.
        """
        try:
            return work()
        except MemoryError:
            raise
        # pyarrow raises OSError for damaged pages; the store's errors come through it, too.
        except (pa.ArrowException, OSError) as error:
            if self._source.failure is not None:
                raise self._source.failure from None
            raise InputError(f"pyarrow can't read the Parquet file: {error}") from error


def _require_parquet(read: Read, tail: bytes) -> None:
    """Refuse a file by its last bytes.

    Raises:
        InputError: with the reason.
    """
    if tail.endswith(_MARK) and len(tail) > len(_MARK):
        return
    if tail.endswith(_ENCRYPTED):
        raise InputError("the Parquet file is encrypted; give a file without encryption")
    if read(0, len(_MARK)) == _MARK:
        raise InputError("the Parquet file is incomplete: its end is missing")
    raise InputError("the file isn't Parquet: it doesn't end with PAR1")


def _begins(metadata: Any, size: int) -> list[int]:
    """Return where each row group begins, never before the one before it.

    Some writers leave offsets at 0 or write groups in another order. Every group still belongs to
    one chunk then, and the order of the chunks is that of the rows.
    """
    found: list[int] = []
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        columns = (group.column(place) for place in range(group.num_columns))
        offsets = [
            offset
            for column in columns
            for offset in (column.dictionary_page_offset, column.data_page_offset)
            if offset
        ]
        at = max(min(offsets, default=0), found[-1] if found else 0)
        found.append(min(at, size - 1))
    return found


class _Source(io.RawIOBase):
    """A file to seek in, which keeps its end."""

    def __init__(self, read: Read, size: int) -> None:
        self._read, self.size, self._at = read, size, 0
        self._tail_at = max(0, size - _TAIL)
        self.tail = read(self._tail_at, size)
        self.failure: Exception | None = None

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Change the position."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = origin + offset
        return self._at

    def read(self, size: int | None = -1) -> bytes:
        """Read from the position on."""
        count = self.size if size is None or size < 0 else size
        end = min(self._at + count, self.size)
        found = self._piece(self._at, end) if end > self._at else b""
        self._at += len(found)
        return found

    def _piece(self, start: int, end: int) -> bytes:
        if start >= self._tail_at:
            return self.tail[start - self._tail_at : end - self._tail_at]
        try:
            return self._read(start, end)
        except Exception as error:
            self.failure = error
            raise

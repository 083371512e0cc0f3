"""Scores a chunk: predictions into a part, rows that don't fit into a file of errors.

Files of an output, in the order in which they are written:
    part-00012-1a2b3c4d.jsonl: a chunk's predictions; equal bytes however often it is scored.
    _job/errors/part-….jsonl: its errors, with the row's number in the chunk.
    _job/done/part-….json: the record of a chunk, last.
"""

import hashlib
import json
import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import compress
from typing import IO, Any

from endpoint.batch.blocks import AgainError, Block, Reader
from endpoint.batch.columns import Checked, Column
from endpoint.batch.stores import File, InputError, NoPyarrowError, Store
from endpoint.batch.writing import writer_of
from endpoint.frameworks.predictor import Answer
from endpoint.model import Model
from endpoint.problem import ProblemError
from endpoint.rows import Rows

Document = dict[str, Any]
_ENCODE = json.JSONEncoder(allow_nan=False).encode


def score(job: Document, chunk: Document, store: Store, model: Model) -> Document:
    """Score a chunk, unless that is done, and return its record.

    A chunk that alone has more errors than the job may have ends there, without a part. Whether
    that ends the job, too, only `gather` can say: the rows of a chunk that begins inside a quoted
    field are none.

    Args:
        job: content of `_job/job.json`.
        chunk: "part" (its name), "file", and "start" and "end"; for a sample also "most_rows".
        store: of the output.
        model: the model.

    Raises:
        InputError: if the file as a whole can't be scored.
    """
    record = f"_job/done/{chunk['part']}.json"
    if (known := store.get(record)) is not None:
        return dict(json.loads(known))
    with tempfile.TemporaryFile() as part, tempfile.TemporaryFile() as errors:
        try:
            reader = _reader(job, chunk, store, model)
            run = _Run(job, model, part, errors)
            began = time.perf_counter()
            run.score(reader, chunk.get("most_rows", math.inf))
            found = run.stored(chunk["part"], store)
            if "most_rows" in chunk and reader.rows:
                found["bytes_read"] = round(chunk["file"]["size"] * found["rows"] / reader.rows)
        except AgainError:
            found = {"again": True}
        except InputError as error:
            name = chunk["file"]["uri"]
            text = str(error)
            raise type(error)(text if name in text else f"{name}: {text}") from error
    found = {"part": chunk["part"], **found, "seconds": round(time.perf_counter() - began, 3)}
    with tempfile.TemporaryFile() as stream:
        stream.write(_ENCODE(found).encode())
        store.put(record, stream)
    return found


def _reader(job: Document, chunk: Document, store: Store, model: Model) -> Reader:
    file: File = chunk["file"]
    read = lambda start, end: store.read(file, start, end)  # noqa: E731
    bounds = (chunk["start"], chunk["end"])
    match file["format"]:
        case "csv":
            from endpoint.batch.csv_file import CsvFile as Kind
        case "jsonl":
            from endpoint.batch.json_file import JsonFile as Kind  # type: ignore[assignment]
        case "parquet":
            try:
                from endpoint.batch.parquet_file import ParquetFile
            except ImportError as error:
                raise NoPyarrowError(
                    f"the file is Parquet, and the image has no pyarrow to read it with ({error})"
                ) from error
            sample = "most_rows" in chunk
            return ParquetFile(
                read, file["size"], bounds, model.features, job["columns"], sample=sample
            )
        case other:
            raise InputError(f"unknown format {other!r}")
    return Kind(read, file["size"], bounds, model.features, job["columns"])


class _Run:
    """One pass over a chunk."""

    def __init__(self, job: Document, model: Model, part: IO[bytes], errors: IO[bytes]) -> None:
        self._model, self._part, self._errors = model, part, errors
        self._most = int(job["max_errors"])
        self._kind = job["output"]
        self._writer = writer_of(self._kind, part, job["release"], model.facts)
        self._rows = self._failed = self._warned = 0

    def score(self, reader: Reader, most: float) -> None:
        """Score the rows, up to too many errors or the block with the row of this number."""
        columns = [reader.column(feature) for feature in self._model.features]
        try:
            for block in reader.blocks():
                self._score(block, columns)
                self._rows += block.count
                if self._failed > self._most or self._rows >= most:
                    return
        finally:
            # Also of a part that isn't stored: pyarrow's writer would end after its stream.
            self._writer.finish()

    def stored(self, name: str, store: Store) -> Document:
        """Write part and errors, and return what the record says of them."""
        if self._failed:
            store.put(f"_job/errors/{name}.jsonl", self._errors)
        found = {"rows": self._rows, "errors": self._failed, "warned": self._warned}
        if self._failed > self._most:
            return {**found, "stopped": True}
        if self._rows == self._failed:
            return {**found, "bytes": 0, "sha256": ""}
        store.put(f"{name}.{self._kind}", self._part)
        size = self._part.seek(0, 2)
        return {**found, "bytes": size, "sha256": _sha256(self._part)}

    def _score(self, block: Block, columns: list[Column]) -> None:
        errors = dict(block.errors)
        checked: list[Checked] = []
        if block.numbers:
            checked = [check(one) for check, one in zip(columns, block.columns, strict=True)]
        for column in checked:
            for place, reason in column.errors.items():
                errors.setdefault(block.numbers[place], reason)
        picked = [number not in errors for number in block.numbers]
        if any(picked):
            failed = self._predict(block, checked, picked)
            numbers = list(compress(block.numbers, picked))
            errors.update({numbers[place]: reason for place, reason in failed.items()})
        for number in sorted(errors):
            line = {"row": self._rows + number, "reason": errors[number]}
            self._errors.write(_ENCODE(line).encode() + b"\n")
        self._failed += len(errors)

    def _predict(self, block: Block, checked: list[Checked], picked: list[bool]) -> dict[int, str]:
        """Write the predictions of the picked rows; return the reasons of those without one."""
        whole = all(picked)
        strange = [0] * len(picked)
        for column in checked:
            for place in column.strange:
                strange[place] += 1

        def of(values: Sequence[Any]) -> Sequence[Any]:
            return values if whole else list(compress(values, picked))

        rows = list(map(list, zip(*(of(column.values) for column in checked), strict=True)))
        answers = list(_predictions(self._model, rows, self._most))
        kept = {n: one if whole else one.where(picked) for n, one in block.kept.items()}
        warnings = list(of(strange))
        failed = {place: one for place, one in enumerate(answers) if isinstance(one, str)}
        found = [one for one in answers if not isinstance(one, str)]
        if failed:
            fine = [place not in failed for place in range(len(answers))]
            kept = {name: one.where(fine) for name, one in kept.items()}
            warnings = list(compress(warnings, fine))
        unwritten = self._writer.write(kept, found, warnings)
        self._warned += sum(map(bool, warnings))
        if unwritten:
            places = [place for place in range(len(answers)) if place not in failed]
            failed |= {places[place]: reason for place, reason in unwritten.items()}
        return failed


def _sha256(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    stream.seek(0)
    while piece := stream.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def _predictions(model: Model, rows: Rows, most: int) -> Iterator[Answer | str]:
    """Yield the prediction of each row, or why the model has none for it.

    A model that fails for some rows is called for ever smaller groups of them.

    Args:
        model: the model.
        rows: checked rows.
        most: after this many failures, the remaining rows get a reason without a call.
    """
    failures = 0
    groups = [rows]
    while groups:
        group = groups.pop()
        try:
            yield from model.predict(group)
            continue
        except ProblemError as error:
            reason = error.detail
        except MemoryError:
            raise
        # The text of a library's error may quote other rows.
        except Exception as error:  # noqa: BLE001 - a row for which the model fails is a result
            reason = f"the prediction failed: {type(error).__name__}"
        if len(group) == 1 or failures > most:
            failures += len(group)
            yield from [reason] * len(group)
        else:
            middle = len(group) // 2
            groups += [group[middle:], group[:middle]]

"""The interface of engines, and the loop of those that score one chunk after the other."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Finished, Progress, Started
from mldeploy.invoke.batch.jobs import Job
from mldeploy.invoke.batch.results import BatchResult, FailedRow
from mldeploy.invoke.batch.storage import Storage
from mldeploy.resources.states_language import ROUNDS

Document = dict[str, Any]
_SAMPLE, _ROWS = 1 << 20, 20_000
"""Bytes that are scored for an estimate; of Parquet, whose row groups may be long, rows."""
_SHOWN = 5


class Engine(Protocol):
    """Scores the chunks of a job whose documents are in its output."""

    name: str

    def sample(self, job: Job) -> Document:
        """Score the first rows of a job into nowhere, and return the chunk's record."""
        ...

    def run(self, job: Job, output: str, emit: Emit) -> Document:
        """Score what is left of a job; return what `batch-gather` returns at the end.

        Raises:
            MldeployError: MLD643 if a chunk or the job failed.
        """
        ...


Gather = Callable[[], Document]
"""Sends the event `batch-gather`."""
Score = Callable[[list[Document]], Iterator[Document]]
"""Scores chunks, and yields a record for each as it is done."""


def rounds(
    gather: Gather, score: Score, read: Callable[[str], list[Document]], emit: Emit
) -> Document:
    """Gather and score in turn until nothing is left; return the last counts.

    Args:
        gather: says what is left.
        score: scores it.
        read: returns the lines of a file of the output.
        emit: receives the progress.
    """
    before: int | None = None
    for _ in range(ROUNDS):
        found = gather()
        before = found["done"] if before is None else before
        if not found["again"]:
            return {**found, "resumed": before}
        _round(found, score(read(found["chunks"])), emit)
    raise MldeployError(
        "MLD643",
        "every chunk was scored, but parts are missing or have another size",
        "run the same command again; don't change the output while a job writes to it",
    )


def _round(found: Document, records: Iterator[Document], emit: Emit) -> None:
    step, began = f"score {found['again']} chunks", time.monotonic()
    emit(Started(step))
    rows, errors = 0, 0
    for number, record in enumerate(records, start=1):
        rows += record.get("rows", 0)
        errors += record.get("errors", 0)
        text = f"{rows} rows, {errors} without a prediction; chunk"
        emit(Progress(step, text, number, found["again"], "chunks"))
    emit(Finished(step, time.monotonic() - began, f"{rows} rows"))


def sample_chunk(job: Job) -> Document:
    """Return the beginning of a job's first chunk, to be scored for an estimate.

    A Parquet file comes first: the sample shows whether it can be read at all.
    """
    parquet = (one for one in job.chunks if one["file"]["format"] == "parquet")
    chunk = next(parquet, job.chunks[0])
    most = {"most_rows": _ROWS} if chunk["file"]["format"] == "parquet" else {}
    return {**chunk, "end": min(chunk["file"]["size"], _SAMPLE), **most}


def no_pyarrow(message: str, *, here: bool = True, deploy: bool = False) -> MldeployError:
    """Return the error for a Parquet file that an image without pyarrow can't read.

    Args:
        message: of the image's code.
        here: whether this machine has it.
        deploy: whether a deployed image scores.
    """
    then = " and `mldeploy deploy`" if deploy else ""
    install = "" if here else "run `pip install pyarrow`, "
    return MldeployError(
        "MLD644",
        message,
        f'{install}add requirements = ["pyarrow"] to [image] in mldeploy.toml, and run `mldeploy '
        f"train`{then}",
    )


def result_of(engine: str, output: str, job: Job, found: Document, storage: Storage) -> BatchResult:
    """Return the result of a finished job.

    Args:
        engine: its name.
        output: as the user gave it.
        job: the job.
        found: what the engine's `run` returned, with the "seconds" that it took.
        storage: the output.
    """
    return BatchResult(
        engine=engine,
        output=output,
        rows=found["rows"],
        errors=found["errors"],
        warned=found["warned"],
        parts=found["parts"],
        resumed=found["resumed"],
        seconds=found["seconds"],
        release=job.settings.release,
        model_sha256=job.settings.model_sha256,
        first_errors=first_errors(storage) if found["errors"] else (),
    )


def reasons_of(storage: Storage) -> tuple[tuple[str, str], ...]:
    """Return why the first rows of an unfinished job don't fit, as details of an error."""
    return tuple(("reason", one.reason) for one in first_errors(storage, "_job/errors/"))


def first_errors(storage: Storage, folder: str = "errors/") -> tuple[FailedRow, ...]:
    """Return the first rows without a prediction that an output lists."""
    found: list[FailedRow] = []
    for name in storage.names(f"{folder}part-"):
        if len(found) < _SHOWN:
            for line in (storage.get(name) or b"").splitlines()[:_SHOWN]:
                one = json.loads(line)
                found.append(FailedRow(one.get("file", name), one["row"], one["reason"]))
    return tuple(found[:_SHOWN])

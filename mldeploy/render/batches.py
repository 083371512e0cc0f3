"""Text of batch jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldeploy.render.words import Rows, Words, size

if TYPE_CHECKING:
    from mldeploy.invoke.batch.jobs import Job
    from mldeploy.invoke.batch.results import BatchResult, Estimate, PlannedBatch

_MINUTE = 60
_HOUR = 3600


def planned_words(planned: PlannedBatch) -> Words:
    """Return what a job would take."""
    rows = (
        ("engine", planned.engine),
        ("input", f"{planned.files} file{'s' * (planned.files != 1)}, {size(planned.size)}"),
        ("chunks", str(planned.chunks)),
        *_estimate_rows(planned.estimate),
    )
    return Words(notes=(rows, "Nothing was written: --dry-run."))


def estimate_words(job: Job, found: Estimate | None) -> Words:
    """Return what a job that now begins will take."""
    rows = (("chunks", str(len(job.chunks))), *_estimate_rows(found))
    return Words(notes=(rows,))


def _estimate_rows(found: Estimate | None) -> Rows:
    if found is None:
        return (("rows", "unknown: the sample doesn't show them"),)
    price = (("price", f"about {found.price:.4f} USD"),) if found.price is not None else ()
    return (
        ("rows", f"about {found.rows:,}"),
        ("time", f"about {duration(found.seconds)}, from a sample of {found.sample_rows:,} rows"),
        *price,
    )


def result_words(result: BatchResult) -> Words:
    """Return the summary of a finished job."""
    rate = f", {result.rows / result.seconds:,.0f} rows per second" if not result.resumed else ""
    rows: Rows = (
        ("rows", f"{result.rows:,} in {duration(result.seconds)}{rate}"),
        ("parts", str(result.parts)),
    )
    if result.resumed:
        rows += (("done before", f"{result.resumed} chunks"),)
    if result.warned:
        rows += (("unusual", f"{result.warned:,} rows have values unlike the training data"),)
    if result.errors:
        rows += (
            (
                "no prediction",
                f"{result.errors:,} rows; {result.output.rstrip('/')}/errors lists them",
            ),
        )
        rows += tuple(
            (f"  row {one.row}", f"{one.file}: {one.reason}") for one in result.first_errors
        )
    return Words(result.output, (rows,))


def duration(seconds: float) -> str:
    """Return a duration in the unit that suits it."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.1f} min"
    return f"{seconds / _HOUR:.1f} h"

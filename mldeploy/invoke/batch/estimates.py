"""What a job will take, from a measured sample."""

from typing import Any

from mldeploy.invoke.batch.jobs import Job
from mldeploy.invoke.batch.results import Estimate, PlannedBatch


def estimate_of(job: Job, sample: dict[str, Any]) -> Estimate | None:
    """Return rows and time of a job on this machine; None if the sample doesn't show them.

    That is so if the sample ends inside a quoted field, or has too many rows that don't fit.

    Args:
        job: the job.
        sample: the record of a chunk, with "bytes_read" and "processes".
    """
    if sample.get("again") or sample.get("stopped") or not sample["rows"]:
        return None
    share = job.size / sample["bytes_read"]
    busy = min(sample["processes"], len(job.chunks))
    rows = round(sample["rows"] * share)
    return Estimate(rows, sample["seconds"] * share / busy, None, sample["rows"])


def planned_batch(engine: str, output: str, job: Job, sample: dict[str, Any]) -> PlannedBatch:
    """Return the result of --dry-run."""
    found = estimate_of(job, sample)
    return PlannedBatch(engine, output, len(job.files), job.size, len(job.chunks), found)

"""Text of jobs on Step Functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldeploy.render.batches import duration
from mldeploy.render.words import Rows, Words

if TYPE_CHECKING:
    from mldeploy.invoke.batch.status import JobStatus


def status_words(found: JobStatus) -> Words:
    """Return the state of a job; its id is the result."""
    counts = f"{found.done} of {found.chunks} done"
    if found.running:
        counts += f", {found.running} running"
    if found.failed:
        counts += f", {found.failed} failed"
    rows: Rows = (
        ("status", f"{found.status}, {duration(found.seconds)} since {found.started}"),
        ("chunks", counts if found.chunks else "not listed yet"),
        ("rows", f"{found.rows:,} done, {found.errors:,} without a prediction"),
        ("cost", f"at most {found.usd:.4f} USD"),
        ("output", found.output),
    )
    if found.error:
        rows += (("error", found.error),)
    return Words(found.id, (rows,))

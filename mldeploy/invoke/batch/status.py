"""The state of a job on Step Functions, as a result of commands."""

from dataclasses import dataclass, field
from datetime import datetime

from mldeploy.invoke.batch.executions import Execution
from mldeploy.invoke.batch.price import Rates, cost_at_most
from mldeploy.invoke.batch.tally import Scored
from mldeploy.text.data import InJson, in_json


@dataclass(frozen=True)
class JobStatus:
    """A job on Step Functions.

    Attributes:
        id: of its execution.
        output: where its parts are.
        status: "running", "succeeded", "failed", "timed_out" or "aborted".
        started: when, in UTC.
        seconds: from its start to its end, or until now.
        chunks: of the current round.
        done: of these.
        running: of these.
        failed: of these.
        rows: of all chunks that are done, those of earlier runs too.
        errors: of these rows, without a prediction.
        usd: the most that it can have cost so far, on AWS's list prices.
        error: why it failed; "" if it didn't.
    """

    id: str
    output: str
    status: str
    started: str
    seconds: float = field(metadata=in_json(InJson(digits=1)))
    chunks: int
    done: int
    running: int
    failed: int
    rows: int
    errors: int
    usd: float = field(metadata=in_json(InJson(digits=6)))
    error: str


def status_of(found: Execution, scored: Scored, rates: Rates, now: datetime) -> JobStatus:
    """Return an execution as a result."""
    seconds = ((found.ended or now) - found.started).total_seconds()
    chunks = found.chunks
    return JobStatus(
        found.id,
        found.output,
        found.status.lower(),
        f"{found.started:%Y-%m-%dT%H:%M:%SZ}",
        seconds,
        chunks.total,
        chunks.done,
        chunks.running,
        chunks.failed,
        scored.rows,
        scored.errors,
        cost_at_most(chunks, seconds, rates),
        ": ".join(one for one in (found.error, found.cause) if one),
    )

"""Follows a job on Step Functions until its end."""

import json
from datetime import datetime

from mldeploy.errors import MldeployError
from mldeploy.events import Failed, Finished, Progress, Started
from mldeploy.invoke.batch.buckets import Bucket
from mldeploy.invoke.batch.engines import reasons_of
from mldeploy.invoke.batch.executions import RUNNING, Execution, execution_of
from mldeploy.invoke.batch.price import Rates, cost_at_most
from mldeploy.invoke.batch.tally import Scored, Tally
from mldeploy.resources.base import Context

DAYS = 365.0
"""How long a Standard workflow may run (Step Functions developer guide, "Choosing workflow type in
Step Functions": one year)."""
_EVERY = 3.0
_TOO_MANY = "TooManyErrorsError"
"""The function's error if more rows don't fit than a job may have."""


def follow(name: str, function: str, rates: Rates, tally: Tally, context: Context) -> Execution:
    """Emit a job's progress until it ends, and return its execution.

    Args:
        name: the job's id.
        function: the batch function's name in Lambda.
        rates: to show the cost so far.
        tally: of the job's output, to show its rows.
        context: for AWS.

    Raises:
        MldeployError: MLD648 if it failed or was stopped, MLD130 after Ctrl-C: it goes on.
    """
    step = f"score {name}"
    context.emit(Started(step))
    try:
        for waited in context.clients.polls(DAYS * 86_400, _EVERY):
            found = execution_of(name, function, context)
            if found.status != RUNNING:
                return _ended(found, step, waited, context)
            text = said(found, tally.count(), rates, context.now())
            context.emit(Progress(step, text, found.chunks.done, found.chunks.total, "chunks"))
    except KeyboardInterrupt:
        raise MldeployError(
            "MLD130",
            f"interrupted: stopped following the job {name}, which goes on",
            f"follow it again with `mldeploy batch status {name} --follow`, or stop it with "
            f"`mldeploy batch stop {name}`",
        ) from None
    raise AssertionError("a Standard workflow ends within a year")


def said(found: Execution, scored: Scored, rates: Rates, now: datetime) -> str:
    """Return the progress of a job in words."""
    chunks, end = found.chunks, found.ended or now
    if not chunks.total:
        return "listing the chunks"
    cost = cost_at_most(chunks, (end - found.started).total_seconds(), rates)
    failed = f", {chunks.failed} failed" if chunks.failed else ""
    return (
        f"{scored.rows:,} rows, {scored.errors:,} without a prediction; {chunks.done} of "
        f"{chunks.total} chunks, {chunks.running} running{failed}; at most {cost:.4f} USD so far"
    )


def _ended(found: Execution, step: str, waited: float, context: Context) -> Execution:
    if found.status == "SUCCEEDED":
        context.emit(Finished(step, waited, f"{found.chunks.done} chunks"))
        return found
    context.emit(Failed(step, found.status.lower()))
    raise failure(found, context)


def failure(found: Execution, context: Context) -> MldeployError:
    """Return the error of a job that didn't succeed, with the first rows that don't fit."""
    if found.status == "ABORTED":
        message = f"the job {found.id} was stopped: {found.cause or 'no cause is known'}"
        hint = "run the same `mldeploy batch` again: it goes on with the chunks that aren't done"
        return MldeployError("MLD648", message, hint)
    return MldeployError(
        "MLD648",
        f"the job {found.id} failed: {_why(found)}",
        "find the reason in the function's logs: `mldeploy logs --since 1h --filter ERROR`. Then "
        "run the same `mldeploy batch` again: it goes on with the chunks that aren't done",
        details=_reasons(found, context),
    )


def _reasons(found: Execution, context: Context) -> tuple[tuple[str, str], ...]:
    if _TOO_MANY not in f"{found.error} {found.cause}":
        return ()
    return reasons_of(Bucket(found.output, context.clients.client("s3")))


def _why(found: Execution) -> str:
    """Return the reason of a failure; that of a function is JSON in the cause."""
    try:
        return str(json.loads(found.cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return ": ".join(one for one in (found.error, found.cause) if one) or "no cause is known"

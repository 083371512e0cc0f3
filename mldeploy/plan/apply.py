"""Applies a plan's changes in order, and reports what was done if one fails."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import wait
from itertools import groupby

from mldeploy.aws.errors import answer_was_lost, is_aws_error, translate
from mldeploy.errors import MldeployError
from mldeploy.events import Failed, Finished, Started
from mldeploy.plan.diff import Change, Plan
from mldeploy.resources.base import Context, Settling
from mldeploy.resources.kind import Phase

Gate = Callable[[Sequence[Change], Context], None]
"""A check before a phase's first changes; it raises to stop them."""

_WORKERS = 4


def apply(
    plan: Plan,
    context: Context,
    gates: Mapping[Phase, Gate] | None = None,
    later: Plan | None = None,
) -> None:
    """Apply every change of a plan: kind by kind, those of one kind concurrently.

    Args:
        plan: the changes.
        context: of the resources.
        gates: by phase; called before the creations and updates of each of its kinds.
        later: changes that follow this plan; listed as not done if it fails.

    Raises:
        MldeployError: of the first failed change, with what was done and what wasn't.
    """
    done: list[Change] = []
    for group in _groups(plan):
        try:
            deletes = group[0].action == "delete"
            gate = None if deletes else (gates or {}).get(group[0].subject.phase)
            if gate is not None:
                gate(group, context)
            _together(group, context, done)
        except Exception as error:
            if isinstance(error, MldeployError) or is_aws_error(error):
                whole = Plan((*plan.changes, *(later.changes if later else ())))
                raise _with_progress(translate(error), whole, done) from error
            raise


def _groups(plan: Plan) -> Iterator[list[Change]]:
    """Yield groups of independent changes: same kind, same direction."""
    for _, group in groupby(plan.changes, lambda one: (one.subject.kind, one.action == "delete")):
        yield list(group)


def _together(group: list[Change], context: Context, done: list[Change]) -> None:
    """Run changes concurrently; raise the first failure after all have ended."""
    if len(group) == 1:
        _timed(group[0], context, done)
        return
    with context.clients.workers(_WORKERS) as pool:
        runs = [pool.submit(_timed, change, context, done) for change in group]
        wait(runs)
    for run in runs:
        run.result()


def _timed(change: Change, context: Context, done: list[Change]) -> None:
    started = time.monotonic()
    context.emit(Started(change.step))
    try:
        run_once(change, context)
    except Exception as error:
        context.emit(Failed(change.step, type(error).__name__))
        raise
    context.emit(Finished(change.step, time.monotonic() - started))
    done.append(change)


def run_once(change: Change, context: Context) -> None:
    """Run a change; if a response is lost, continue from the observed state.

    A resource that moves traffic and isn't as desired may have been moved by another deploy, so it
    isn't changed.
    """
    try:
        _run(change, context)
    except Exception as error:
        if change.after is None or not answer_was_lost(error):
            raise
        now = change.after.observe(context.reads.again())
        if now is None or (now != change.after and now.phase is Phase.SHIFT):
            raise
        if now != change.after:
            _run(Change("update", now, change.after), context)
        elif isinstance(now, Settling):
            now.settle(context)  # the wait was lost with the response


def _run(change: Change, context: Context) -> None:
    match change:
        case Change("create", None, after) if after is not None:
            after.create(context)
        case Change("update", before, after) if before is not None and after is not None:
            after.update(before, context)
        case Change("delete", before, None) if before is not None:
            before.delete(context)
        case _:
            raise AssertionError(change)


def _with_progress(error: MldeployError, plan: Plan, done: list[Change]) -> MldeployError:
    """Add what was done, what wasn't, and that a rerun continues from here."""
    return MldeployError(
        error.code,
        error.message,
        error.hint,
        details=(
            *error.details,
            ("done", _names(one for one in plan.changes if one in done) or "nothing"),
            ("not done", _names(one for one in plan.changes if one not in done)),
            ("safe to re-run", "yes"),
        ),
        exit_code=error.exit_code,
    )


def _names(changes: Iterator[Change]) -> str:
    return ", ".join(f"{one.subject.kind} {one.subject.name}" for one in changes)

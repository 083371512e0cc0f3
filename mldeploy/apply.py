"""Doing: run a plan's changes in order, and say what was done when one fails."""

import time

from mldeploy.aws_errors import is_aws_error, translate
from mldeploy.errors import MldeployError
from mldeploy.events import Failed, Finished, Started
from mldeploy.plan import Change, Plan
from mldeploy.resources.base import Context


def apply(plan: Plan, context: Context) -> None:
    """Run every change of a plan.

    Raises:
        MldeployError: of the change that failed, with what was done and what wasn't.
    """
    done: list[Change] = []
    for change in plan.changes:
        started = time.monotonic()
        context.emit(Started(change.step))
        try:
            _run(change, context)
        except Exception as error:
            context.emit(Failed(change.step, type(error).__name__))
            if isinstance(error, MldeployError) or is_aws_error(error):
                raise _with_progress(translate(error), plan, done) from error
            raise
        finally:
            # Whatever happened, what was read before is no longer the truth.
            context.clients.forget()
        context.emit(Finished(change.step, time.monotonic() - started))
        done.append(change)


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
    """Add what is done, what isn't, and that a rerun goes on from here."""
    rest = plan.changes[len(done) :]
    return MldeployError(
        error.code,
        error.message,
        error.hint,
        details=(
            *error.details,
            ("done", _names(done) or "nothing"),
            ("not done", _names(list(rest))),
            ("safe to re-run", "yes"),
        ),
        exit_code=error.exit_code,
    )


def _names(changes: list[Change]) -> str:
    return ", ".join(f"{one.subject.kind} {one.subject.name}" for one in changes)

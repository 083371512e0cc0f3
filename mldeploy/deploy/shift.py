"""Applies a plan so that no release receives traffic before it is verified.

Resources are created first and every new release is verified with its golden examples. Then the
aliases move and the public URL is checked; a failure there moves them back. Deletions come last.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from mldeploy.aws.errors import is_aws_error, translate
from mldeploy.config import Config
from mldeploy.deploy.confirm import confirm
from mldeploy.deploy.prove import Proof, prove
from mldeploy.errors import MldeployError
from mldeploy.events import Finished, Started
from mldeploy.http.call import NoAnswerError
from mldeploy.plan.apply import apply, run_once
from mldeploy.plan.diff import Change, Plan
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context
from mldeploy.resources.http_api.api import HttpApi
from mldeploy.resources.http_api.parts import Route, statement_id
from mldeploy.resources.image import Image
from mldeploy.resources.kind import Phase


def carry_out(config: Config, plan: Plan, context: Context, *, returns: bool = True) -> None:
    """Apply a plan after checking that its images can be built on this machine.

    Args:
        config: of the stage.
        plan: the changes.
        context: for the resources.
        returns: whether to move the aliases back if the public URL check fails; False for a
            rollback.

    Raises:
        MldeployError: MLD301 before any change if no engine is running, MLD318 if an image in ECR
            isn't
            proved to be the project's and can't be built; MLD501 if a release fails verification,
            before an alias moves; MLD505 if the public URL doesn't serve the release; of `apply`.
        NoAnswerError: at the end, if this machine couldn't reach the public URL.
    """
    for change in plan.of_kinds(Image.kind).changes:
        if isinstance(change.after, Image):
            change.after.require_builder(context)
    first, later = divided(stamped(plan, context.now()))
    proofs: list[Proof] = []
    gates = {Phase.SHIFT: lambda some, where: proofs.extend(prove(some, where))}
    try:
        apply(first, context, gates, later)
    except MldeployError as error:
        raise _with_details(error, _undo_half(first, context)) from error
    unheard: NoAnswerError | None = None
    try:
        confirm(config, first, proofs, context)
    except NoAnswerError as error:
        unheard = error
    except MldeployError as error:
        done = (
            go_back(first, context) if returns else ["no traffic was shifted back: see the message"]
        )
        raise _with_details(error, done) from error
    apply(later, context)
    if unheard:
        raise _with_details(unheard, _stays(first)) from unheard


def _stays(plan: Plan) -> list[str]:
    """Return what is live, for when this machine couldn't reach it."""
    moved = [one.after for one in plan.changes if isinstance(one.after, Alias)]
    told = [f"{one.name} serves release {one.release}, verified in Lambda" for one in moved]
    why = "no traffic was shifted back: only this machine couldn't reach the public URL"
    return [*told, why, "run `mldeploy invoke --golden` when the network works again"]


def divided(plan: Plan) -> tuple[Plan, Plan]:
    """Split a plan into what serves requests and what waits until that is confirmed.

    The second part deletes resources or reduces latency.
    """
    waits = [_waits(one) for one in plan.changes]
    pairs = list(zip(plan.changes, waits, strict=True))
    return Plan(tuple(one for one, late in pairs if not late)), Plan(
        tuple(one for one, late in pairs if late)
    )


def _waits(change: Change) -> bool:
    return change.action == "delete" or change.subject.phase is Phase.AFTER_SHIFT


def stamped(plan: Plan, now: datetime) -> Plan:
    """Return the plan with each moving alias's time and previous release.

    An alias that already has them is a rollback's, and keeps them.
    """
    moved = now.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return Plan(tuple(_stamp(one, moved) for one in plan.changes))


def _stamp(change: Change, now: str) -> Change:
    before, after = change.before, change.after
    if not isinstance(after, Alias) or after.moved:
        return change
    previous = ""
    if isinstance(before, Alias):
        previous = before.release if before.release != after.release else before.previous
    return replace(change, after=replace(after, moved=now, previous=previous))


def go_back(plan: Plan, context: Context) -> list[str]:
    """Undo a plan's shift: move aliases and routes back.

    Returns:
        The changes made, as sentences.
    """
    return [
        sentence
        for back in (_alias_back, _routes_back)
        for one in plan.changes
        for sentence in _or_why(partial(back, one, context), one.subject.name)
    ]


def _or_why(back: Callable[[], list[str]], what: str) -> list[str]:
    """Return what was moved back, or why AWS refused it: the deploy's own error is to be shown."""
    try:
        return back()
    except Exception as error:
        if not isinstance(error, MldeployError) and not is_aws_error(error):
            raise
        return [f"{what} may not be back at the old release: {translate(error).message}"]


def _alias_back(change: Change, context: Context) -> list[str]:
    before, after = change.before, change.after
    if not isinstance(before, Alias) or not isinstance(after, Alias):
        return []
    why = why_it_stays(before, after)
    now = None
    if not why:
        now = after.observe(context.reads.again())
        why = "" if now == after else "it points to another version than this run set"
    if why or now is None:
        return [f"{after.name} wasn't changed: {why}"]
    step = f"return alias {after.name}"
    context.emit(Started(step))
    run_once(Change("update", now, before), context)
    context.emit(Finished(step, 0.0))
    return [f"{after.name} serves version {before.version} again"]


def why_it_stays(before: Alias, after: Alias) -> str:
    """Return why an alias that this run moved must not be moved back, or ""."""
    if before.release == after.release:
        if before.lost:
            return "the image that it served before is gone"
        if before.by_hand:
            return "mldeploy didn't publish the version that it served before"
    return ""


def _routes_back(change: Change, context: Context) -> list[str]:
    """Restore the API's routes; their functions exist until the end of the deploy."""
    before, after = change.before, change.after
    if not isinstance(after, HttpApi):
        return []
    old = before.routes if isinstance(before, HttpApi) else ()
    if old == after.routes:
        return []
    now = replace(after, routes=old).observe(context.reads.again())
    if now is None:
        return []
    let_in = {
        route.key
        for route in old
        if (route.function, statement_id(now.id, route.key)) in now.wiring.sids
    }
    routes, done = former_routes(old, now.routes, let_in)
    run_once(Change("update", now, replace(now, routes=routes)), context)
    return done


def former_routes(
    old: Sequence[Route], now: Sequence[Route], let_in: Collection[str]
) -> tuple[tuple[Route, ...], list[str]]:
    """Return the routes to restore, and what that changes, as sentences.

    Args:
        old: its routes before the deploy.
        now: its current routes.
        let_in: keys of old routes whose function allows the API to invoke it.
    """
    there = {route.key: route for route in now}
    # The permissions of a function that is being removed weren't read.
    worked = {route.key: replace(route, permitted=True) for route in old if route.key in let_in}
    known = {route.key for route in old}
    wanted = {**{key: route for key, route in there.items() if key in known}, **worked}
    added = sorted(there.keys() - known)
    changed = sorted(key for key, route in worked.items() if there.get(key) != route)
    return tuple(sorted(wanted.values())), [
        *(f"the route {key} was removed: it is new in this deploy" for key in added),
        *(f"the route {key} was restored" for key in changed),
    ]


def _undo_half(plan: Plan, context: Context) -> list[str]:
    """Move the aliases back if only some of them could be moved."""
    moves = [one for one in plan.changes if isinstance(one.after, Alias)]

    def back() -> list[str]:
        reads = context.reads.again()
        moved = [one for one in moves if one.after and one.after.observe(reads) == one.after]
        if not moved or len(moved) == len(moves):
            return []
        return go_back(Plan(tuple(moved)), context)

    return _or_why(back, "traffic")


def _with_details(error: MldeployError, sentences: Sequence[str]) -> MldeployError:
    details = (*error.details, *(("live", sentence) for sentence in sentences))
    return MldeployError(
        error.code, error.message, error.hint, details=details, exit_code=error.exit_code
    )

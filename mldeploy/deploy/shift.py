"""Carrying out a plan so that no request meets a release that isn't proved.

Everything is made first, every new release answers its own golden examples, then the aliases
move, then the public URL is asked; what fails there goes back. Only then is something removed.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from mldeploy.config import Config
from mldeploy.deploy.confirm import confirm
from mldeploy.deploy.prove import Proof, prove
from mldeploy.errors import MldeployError
from mldeploy.events import Finished, Started
from mldeploy.http.call import NoAnswerError
from mldeploy.plan.apply import apply
from mldeploy.plan.diff import Change, Plan
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context
from mldeploy.resources.http_api.api import HttpApi
from mldeploy.resources.http_api.parts import Route, statement_id
from mldeploy.resources.image import Image
from mldeploy.resources.kind import Phase


def carry_out(config: Config, plan: Plan, context: Context, *, returns: bool = True) -> None:
    """Apply a plan, once it is known that its images can be made here.

    Args:
        config: of the stage.
        plan: what to do.
        context: how.
        returns: whether the aliases go back where the public URL doesn't answer; a rollback
            doesn't return to what it has just left.

    Raises:
        MldeployError: MLD301 before anything is changed where no engine answers, MLD318 where an
            image in ECR isn't proved to be ours and can't be built; MLD501 where a release fails
            its check, before an alias is moved; MLD505 where the public URL doesn't answer as the
            release should; of `apply`.
        NoAnswerError: once all is done, where this machine couldn't reach the public URL.
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
    """Say what is live where this machine couldn't ask for it."""
    moved = [one.after for one in plan.changes if isinstance(one.after, Alias)]
    told = [f"{one.name} serves release {one.release}, verified in Lambda" for one in moved]
    why = "no traffic was shifted back: only this machine couldn't reach the public URL"
    return [*told, why, "run `mldeploy invoke --golden` when the network works again"]


def divided(plan: Plan) -> tuple[Plan, Plan]:
    """Part what serves requests from what waits until that is confirmed.

    The second part takes away, or makes answers quicker.
    """
    waits = [_waits(one) for one in plan.changes]
    pairs = list(zip(plan.changes, waits, strict=True))
    return Plan(tuple(one for one, late in pairs if not late)), Plan(
        tuple(one for one, late in pairs if late)
    )


def _waits(change: Change) -> bool:
    return change.action == "delete" or change.subject.phase is Phase.AFTER_SHIFT


def stamped(plan: Plan, now: datetime) -> Plan:
    """Return the plan with what each alias that moves notes: when, and what it served before.

    One that says it already is a rollback's, and keeps it.
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
    """Undo a plan's shift: aliases and routes to where they were.

    Returns:
        What was done, as sentences.
    """
    done = [sentence for one in plan.changes for sentence in _alias_back(one, context)]
    return done + [sentence for one in plan.changes for sentence in _routes_back(one, context)]


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
    before.update(now, context)
    context.emit(Finished(step, 0.0))
    return [f"{after.name} serves version {before.version} again"]


def why_it_stays(before: Alias, after: Alias) -> str:
    """Return why an alias that this run moved mustn't go back to where it was, or ""."""
    if before.release == after.release:
        if before.lost:
            return "the image that it served before is gone"
        if before.by_hand:
            return "mldeploy didn't publish the version that it served before"
    return ""


def _routes_back(change: Change, context: Context) -> list[str]:
    """Give the API the routes that it had; what answered before is there until the deploy's end."""
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
    replace(now, routes=routes).update(now, context)
    return done


def former_routes(
    old: Sequence[Route], now: Sequence[Route], let_in: Collection[str]
) -> tuple[tuple[Route, ...], list[str]]:
    """Return the routes that an API gets back, and what that changes, as sentences.

    Args:
        old: its routes before the deploy.
        now: its routes as they are.
        let_in: keys of old routes whose function lets the API in: they worked.
    """
    there = {route.key: route for route in now}
    # Of a function that goes away it wasn't read whether its alias lets the API in.
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
    """Where some aliases moved and others couldn't, let all serve what they served before."""
    moves = [one for one in plan.changes if isinstance(one.after, Alias)]
    reads = context.reads.again()
    moved = [one for one in moves if one.after and one.after.observe(reads) == one.after]
    if not moved or len(moved) == len(moves):
        return []
    return go_back(Plan(tuple(moved)), context)


def _with_details(error: MldeployError, sentences: Sequence[str]) -> MldeployError:
    details = (*error.details, *(("live", sentence) for sentence in sentences))
    return MldeployError(
        error.code, error.message, error.hint, details=details, exit_code=error.exit_code
    )

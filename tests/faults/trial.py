"""One trial: an operation, something that happens to it, and what the next run makes of it."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from tests.faults.chain import Served, served
from tests.faults.fingerprint import fingerprint
from tests.faults.operations import Operation
from tests.faults.watch import Watch
from tests.faults.world import Outcome, World
from tests.strict.calls import Crash

_MOST_LINES = 12


@dataclass(frozen=True)
class Reference:
    """An operation that nothing disturbs.

    Attributes:
        operation: which.
        before: what was served.
        after: what is served then.
        snapshot: of the account then.
        calls: (name, whether it changes something) of every call, in order.
    """

    operation: Operation
    before: Served
    after: Served
    snapshot: dict[str, Any]
    calls: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Fault:
    """What happens at a call.

    Attributes:
        call: its number, from 1.
        when: "before" or "after": the process dies; "lost": the answer gets lost.
    """

    call: int
    when: str


@dataclass(frozen=True)
class Result:
    """How a trial went.

    Attributes:
        runs: how many commands it took.
        problems: what was wrong; none for a success.
        stopped: the code of the error that the disturbed run ended with, "" for none.
    """

    runs: int
    problems: tuple[str, ...]
    stopped: str = ""


def reference(world: World, operation: Operation) -> Reference:
    """Run an operation undisturbed.

    Raises:
        AssertionError: where even that goes wrong.
    """
    world.begin(operation)
    before = served(world.aws)
    world.aws.reset_calls()
    _require_success(world.take(operation.step))
    calls = tuple((call.name, call.mutating) for call in world.aws.calls)
    after = served(world.aws)
    if operation.then:
        _require_success(world.take(operation.then))
    snapshot = world.aws.snapshot()
    if operation.versions is not None:
        _require_versions(snapshot, operation.versions)
    return Reference(operation, before, after, snapshot, calls)


def _require_versions(snapshot: dict[str, Any], wanted: int) -> None:
    for name, function in snapshot["functions"].items():
        found = [one for one in function["versions"] if one != "$LATEST"]
        if len(found) != wanted:
            raise AssertionError(f"{name} has the versions {found}, not {wanted} of them")


def _require_success(outcome: Outcome) -> None:
    if outcome.code:
        raise AssertionError(f"exit {outcome.code}: {json.dumps(outcome.error)}")


def try_out(
    world: World, undisturbed: Reference, faults: list[Fault], *, begun: bool = False
) -> Result:
    """Let faults happen to one run after the other, then let a run finish the work.

    Args:
        world: where.
        undisturbed: what it should come to.
        faults: one for each run that is disturbed.
        begun: whether the account is what it is before the operation.
    """
    operation, aws = undisturbed.operation, world.aws
    if not begun:
        world.begin(operation)
    watch = aws.watch = Watch(world, undisturbed.before, undisturbed.after)
    stopped, problems = "", []
    try:
        for fault in faults:
            aws.crash_at(fault.call, fault.when, only_mutating=False, for_good=True)
            try:
                stopped = world.take(operation.step).error.get("code", "")
                if stopped:
                    problems.append(f"the loss of an answer ends it with {stopped}")
            except Crash:
                stopped = "crash"
            finally:
                aws.crash_never()
            if operation.once and not differences(undisturbed, world):
                break  # it is done: a further run would be another one
        problems += finish(world, undisturbed)
    finally:
        aws.watch = None
    return Result(len(faults) + 2, (*watch.problems, *problems), stopped)


def abandon(world: World, undisturbed: Reference, call: int) -> Result:
    """Let the process die after a change, and remove everything: nothing stays behind."""
    operation, aws = undisturbed.operation, world.aws
    world.begin(operation)
    aws.crash_at(call, "after", only_mutating=False, for_good=True)
    with suppress(Crash):  # a call that is refused has no effect to die after
        world.take(operation.step)
    aws.crash_never()
    outcome = world.take(operation.destroy)
    if outcome.code:
        return Result(2, (f"destroy ends with exit {outcome.code}: {json.dumps(outcome.error)}",))
    left = {kind: [*found] for kind, found in world.aws.snapshot().items() if found}
    return Result(2, (f"destroy leaves {left}",) if left else ())


def finish(world: World, undisturbed: Reference) -> list[str]:
    """Run the operation again, and once more; say what isn't as it should be."""
    return _known(world, undisturbed, _again)


def _again(world: World, undisturbed: Reference) -> list[str]:
    operation, aws = undisturbed.operation, world.aws
    problems: list[str] = []
    if not operation.once or differences(undisturbed, world):
        for step in filter(None, (operation.step, operation.then)):
            outcome = world.take(step)
            if outcome.code:
                return [f"the next run ends with exit {outcome.code}: {json.dumps(outcome.error)}"]
            aws.watch = None  # what it was told of is the operation's
        problems = differences(undisturbed, world)
    return problems + _known(world, undisturbed, _once_more)


def _once_more(world: World, undisturbed: Reference) -> list[str]:
    world.aws.reset_calls()
    outcome = world.take(undisturbed.operation.last)
    problems = []
    if outcome.code:
        problems.append(f"a third run ends with exit {outcome.code}: {json.dumps(outcome.error)}")
    if world.aws.mutating_calls():
        problems.append(f"a third run changes something: {', '.join(world.aws.mutating_calls())}")
    return problems


def _known(
    world: World, undisturbed: Reference, find: Callable[[World, Reference], list[str]]
) -> list[str]:
    """Return the problems that are found, or that were found where the account was an equal one.

    Many crashes leave equal accounts: those before any two reads in a row do.
    """
    if world.known is None:
        return find(world, undisturbed)
    watch = world.aws.watch if isinstance(world.aws.watch, Watch) else None
    moved = frozenset(watch.moved) if watch else None
    key = find, undisturbed.operation, moved, fingerprint(world)
    if key not in world.known:
        told = len(watch.problems) if watch else 0
        found = find(world, undisturbed)
        world.known[key] = found, watch.problems[told:] if watch else []
    elif watch:
        watch.problems += world.known[key][1]
    return list(world.known[key][0])


def differences(undisturbed: Reference, world: World) -> list[str]:
    """Say in which lines the account differs from what an undisturbed run leaves."""
    expected, found = undisturbed.snapshot, world.aws.snapshot()
    if expected == found:
        return []
    lines = [
        line.replace("  ", "")
        for line in unified_diff(_lines(expected), _lines(found), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    more = f" … and {len(lines) - _MOST_LINES} lines more" if len(lines) > _MOST_LINES else ""
    return [f"the account isn't as undisturbed: {' '.join(lines[:_MOST_LINES])}{more}"]


def _lines(snapshot: dict[str, Any]) -> list[str]:
    return json.dumps(snapshot, indent=1, sort_keys=True).splitlines()

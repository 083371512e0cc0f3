"""Two deploys at once: from a barrier, call by call in an order that a seed decides."""

import io
import json
import random
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from mldeploy.cli.app import run
from mldeploy.deploy.outside import Outside
from tests.faults.chain import BrokenChain, Met, Served, by_place, served
from tests.faults.operations import Operation, Step
from tests.faults.trial import Reference, Result
from tests.faults.watch import previous_releases
from tests.faults.world import Outcome, World
from tests.strict.calls import Call
from tests.support.projects import write_project

_PRIME = 89
"""Steps through the pairs of changes, so that few seeds are far apart."""


@dataclass
class Turns:
    """Lets one of several threads go on, to its next call.

    Attributes:
        random: decides which.
        expected: how many threads take part; all of them stand at the barrier first.
        meeting: numbers of changes m and n, instead of chance, for two: the first goes on to before
            its mth change, the second to before its nth, the first to its end, then the second.
    """

    random: random.Random
    expected: int
    meeting: tuple[int, int] | None = None
    _changes: Counter[str] = field(default_factory=Counter)
    _waiting: set[str] = field(default_factory=set)
    _turn: str = ""
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def next_call(self, call: Call) -> None:
        """Wait for this thread's turn."""
        me = threading.current_thread().name
        with self._changed:
            self._waiting.add(me)
            self._changes[me] += call.mutating
            self._choose()
            self._changed.wait_for(lambda: self._turn == me)
            self._turn = ""
            self._waiting.discard(me)

    def leave(self) -> None:
        """Take part no more."""
        with self._changed:
            self.expected -= 1
            self._choose()

    def _choose(self) -> None:
        if self.expected and len(self._waiting) == self.expected and not self._turn:
            self._turn = self._next(sorted(self._waiting))
            self._changed.notify_all()

    def _next(self, waiting: list[str]) -> str:
        if self.meeting is None:
            return self.random.choice(waiting)
        reached = [
            self._changes[name] >= number
            for name, number in zip(waiting, self.meeting, strict=False)
        ]
        return waiting[-1] if reached == [True, False] else waiting[0]


class PerThread(io.TextIOBase):
    """A standard stream with a text of its own for each thread."""

    def __init__(self) -> None:
        self._texts = threading.local()

    def write(self, text: str) -> int:
        """Keep it."""
        self._texts.text = self.said() + text
        return len(text)

    def said(self) -> str:
        """Return what this thread has written."""
        return str(getattr(self._texts, "text", ""))


@contextmanager
def _streams() -> Iterator[PerThread]:
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = out, _ = PerThread(), PerThread()
    try:
        yield out
    finally:
        sys.stdout, sys.stderr = before


def _meeting(undisturbed: Reference, seed: int) -> tuple[int, int] | None:
    """Return before which changes two deploys stop, for every other seed: all pairs in turn."""
    number, systematic = divmod(seed, 2)
    changes = sum(mutating for _, mutating in undisturbed.calls)
    first, second = divmod(number * _PRIME % changes**2, changes)
    return (first + 1, second + 1) if systematic else None


def together(
    world: World, steps: list[Step], seed: int, meeting: tuple[int, int] | None
) -> list[Outcome]:
    """Run commands at the same time, in a folder each."""
    outcomes: dict[int, Outcome] = {}
    turns = Turns(random.Random(seed), len(steps), meeting)  # noqa: S311 - a trial, no secret
    world.aws.around = turns.next_call
    with _streams() as out:
        threads = []
        for number, step in enumerate(steps):
            root = write_project(world.root / str(number), step.config, step.model)
            command = [*step.command, "-o", "json", "--config", str(root / "mldeploy.toml")]

            outside = replace(world.outside, session=world.session_of_rival(number))

            def deploy(
                number: int = number, command: list[str] = command, outside: Outside = outside
            ) -> None:
                try:
                    outcomes[number] = Outcome(run(command, outside), json.loads(out.said()))
                finally:
                    turns.leave()

            threads.append(threading.Thread(name=f"rival {number}", target=deploy))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    world.aws.around = None
    return [outcomes[number] for number in range(len(steps))]


def rivals(world: World, undisturbed: Reference, other: Reference, seed: int) -> Result:
    """Let two deploys meet: one wins or both end in the same state, and nothing is mixed.

    Args:
        world: where.
        undisturbed: the one, alone.
        other: the other one, alone; the same one for two equal deploys.
        seed: of the order of their calls: even by chance, odd by plan.
    """
    operation, rival = undisturbed.operation, other.operation
    world.begin(operation)
    watch = _Meetings(world, undisturbed.before, [undisturbed.after, other.after])
    world.aws.watch = watch
    try:
        outcomes = together(world, [operation.step, rival.step], seed, _meeting(undisturbed, seed))
        problems = _losers(outcomes) + _final(world, undisturbed, other, outcomes)
        problems += _rerun(world, operation, undisturbed)
    finally:
        world.aws.watch = None
    codes = "+".join(sorted(str(one.error.get("code", "")) or "won" for one in outcomes))
    return Result(4, (*watch.problems, *problems), codes)


class _Meetings:
    """After every change each request meets a release that is whole: its own image, no other."""

    def __init__(self, world: World, before: Served, afters: list[Served]) -> None:
        self.problems: list[str] = []
        self._aws = world.aws
        self._before = before
        self._whole: set[Met] = {met for some in (before, *afters) for met in some.values()}

    def __call__(self, call: Call) -> None:
        try:
            now = served(self._aws)
        except BrokenChain as broken:
            self.problems.append(f"after {call.name}: {broken}")
            return
        self.problems += [
            f"after {call.name}: {route.key} meets a mixed release, {met}"
            for route, met in now.items()
            if met not in self._whole
        ]
        self.problems += [
            f"after {call.name}: nothing answers {route.key} any more"
            for route in self._before
            if route not in now
        ]


def _losers(outcomes: list[Outcome]) -> list[str]:
    """Somebody wins, or each is told why it doesn't; the loser hears of another deploy."""
    problems = []
    for outcome in outcomes:
        said = f"{outcome.error.get('message')} {outcome.error.get('hint')}"
        if outcome.code and "another deploy" not in said:
            problems.append(f"the loser isn't told of another deploy: {json.dumps(outcome.error)}")
    return problems


def _final(
    world: World, undisturbed: Reference, other: Reference, outcomes: list[Outcome]
) -> list[str]:
    """Where both say that they won, one's whole release is served, and the other's came before it.

    An alias that was moved over the other's head would go back to what was there before both.
    """
    if any(outcome.code for outcome in outcomes):
        return []
    now = by_place(served(world.aws))
    wanted = [by_place(one.after) for one in (undisturbed, other)]
    if now not in wanted:
        return [f"both won, and what is served is neither's: {now}"]
    if other is undisturbed:
        return []
    former = {met.release for met in wanted[1 - wanted.index(now)].values()}
    return [
        f"both won, and {name} goes back to {previous or 'nothing'}, not to the other's release"
        for name, previous in previous_releases()
        if previous not in former
    ]


def _rerun(world: World, operation: Operation, undisturbed: Reference) -> list[str]:
    """A deploy after both brings everything to what it wants, and one more changes nothing."""
    outcome = world.take(operation.step)
    if outcome.code:
        return [f"the next deploy ends with exit {outcome.code}: {json.dumps(outcome.error)}"]
    now = by_place(served(world.aws))
    wanted = by_place(undisturbed.after)
    problems = [] if now == wanted else [f"the next deploy leaves {now} instead of {wanted}"]
    apis = len(world.aws.snapshot()["apis"])
    problems += [] if apis == 1 else [f"there are {apis} APIs"]
    world.aws.reset_calls()
    world.take(operation.step)
    if world.aws.mutating_calls():
        problems.append(f"one more changes something: {', '.join(world.aws.mutating_calls())}")
    return problems

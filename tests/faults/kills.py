"""Real signals at the calls of the real command, and what the next run makes of it."""

import signal
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.faults.asking import asking
from tests.faults.found import answers, census, urls
from tests.faults.machine import Ended, Machine, take
from tests.faults.operations import BY_NAME, Operation, Step
from tests.faults.trial import Result
from tests.support.canaries import MARK

SIGNALS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT}
_INTERRUPTED = 130
_SPREAD = 3
"""Calls by which runs differ: functions change at the same time, and then all is read anew."""


@dataclass(frozen=True)
class Undisturbed:
    """An operation that gets no signal.

    Attributes:
        calls: of AWS.
        before: what each route answers.
        after: what each route answers then.
        there: what there is in the end.
    """

    calls: int
    before: dict[str, str]
    after: dict[str, str]
    there: Counter[str]


@dataclass
class Killing:
    """Kills commands on a machine, one after the other; each begins with an empty account.

    Attributes:
        machine: where.
        stages: that may hold something.
        known: the operations' undisturbed runs.
    """

    machine: Machine
    stages: tuple[str, ...] = ()
    known: dict[str, Undisturbed] = field(default_factory=dict)

    def undisturbed(self, name: str) -> Undisturbed:
        """Return an operation's undisturbed run; made once."""
        if name not in self.known:
            operation = BY_NAME[name]
            self._begin(operation)
            before = answers()
            self.machine.write(operation.step)
            ended = self.machine.process(operation.step.command)
            assert ended.code == 0, ended
            after = answers()
            if operation.then:
                self._take(operation.then)
            self.known[name] = Undisturbed(ended.calls, before, after, census())
        return self.known[name]

    def try_out(self, name: str, call: int, sent: str, *, again: bool = False) -> Result:
        """Let an operation get a signal at a call, then let it be finished.

        Args:
            name: the operation's.
            call: its number.
            sent: the signal's name.
            again: whether the signal goes on coming.
        """
        undisturbed, operation = self.undisturbed(name), BY_NAME[name]
        self._begin(operation)
        lasting = undisturbed.before.keys() & undisturbed.after.keys()
        with asking({one: url for one, url in urls().items() if one in lasting}) as client:
            self.machine.write(operation.step)
            command = operation.step.command
            ended = self.machine.process(command, call, SIGNALS[sent], again=again)
            problems = self._finished(operation, undisturbed)
        if not (ended.code == 0 and undisturbed.calls - _SPREAD <= ended.calls < call):
            problems += _endings(ended, sent)
        problems += client.problems(undisturbed.before, undisturbed.after)
        problems += self._once_more(operation, undisturbed) + self._secrets(ended)
        if problems:
            self.anew()
        return Result(3, tuple(problems))

    def _begin(self, operation: Operation) -> None:
        """Make everything what it is before an operation."""
        for stage in self.stages:
            take("destroy", "--stage", stage, "--confirm", "iris")
        there = census()
        assert not there, f"destroyed, and there is {dict(there)}"
        promotes = "promote" in operation.step.command
        self.stages = ("prod", "dev") if promotes else ("dev",)
        for step in operation.start:
            self._take(step)

    def _take(self, step: Step) -> dict[str, Any]:
        self.machine.write(step)
        return take(*step.command)

    def anew(self) -> None:
        """Begin with another embedded AWS, whatever state this one is in."""
        self.stages = ()
        self.machine.start()

    def _finished(self, operation: Operation, undisturbed: Undisturbed) -> list[str]:
        """Run the operation again, unless it is done; say what isn't as it should be."""
        try:
            if not operation.once or answers() != undisturbed.after:
                self._take(operation.step)
        except AssertionError as error:
            return [f"the next run ends with {error}"]
        return _unlike(undisturbed.after, answers())

    def _once_more(self, operation: Operation, undisturbed: Undisturbed) -> list[str]:
        """Run what changes nothing any more; say what isn't as it should be."""
        try:
            if operation.then:
                self._take(operation.then)
            changes = self._take(operation.last)["changes"]
        except AssertionError as error:
            return [f"a further run ends with {error}"]
        changed = [f"a third run changes something: {changes}"] if changes else []
        return changed + _unlike(undisturbed.there, census())

    def _secrets(self, ended: Ended) -> list[str]:
        """Say where a canary got out: in what the killed command said, showed or wrote."""
        told = {"stdout": str(ended.envelope), "stderr": ended.stderr, "/proc": ended.seen}
        held = [name for name, text in (*told.items(), *self.machine.files()) if MARK in text]
        return [f"a secret is in {name}: {told.get(name, '')[-500:]}" for name in held]


def _unlike(expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    if found == expected:
        return []
    return [f"there is {dict(found)} instead of {dict(expected)}"]


def _endings(ended: Ended, name: str) -> list[str]:
    """Say what is wrong with how a process ended."""
    problems = [f"it left {one}" for one in ended.left]
    error = ended.envelope.get("error") or {}
    if "-m mldeploy" not in ended.seen:
        problems.append(f"nobody saw its command line at the signal: {ended}")
    if name == "SIGKILL":
        return problems if ended.code == -SIGNALS[name] else [*problems, f"it ended: {ended}"]
    if ended.code != _INTERRUPTED or error.get("code") != "MLD130":
        problems.append(f"{name} ends it with {ended.code}: {ended.envelope}")
    if "same command again" not in str(error):
        problems.append(f"nobody is told how to go on: {error}")
    if "Traceback" in ended.stderr:
        problems.append(f"a traceback: {ended.stderr[-500:]}")
    return problems

"""Real signals at the calls of the real command, and what the next run makes of it."""

import signal
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.asking import asking
from tests.faults.machine import Ended, Machine, census, take
from tests.faults.trial import Result

SIGNALS = {"SIGKILL": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "SIGINT": signal.SIGINT}
_DEPLOY = ("deploy", "--yes")
_DESTROY = ("destroy", "--confirm", "tiny")
COMMANDS = {
    "first deploy": _DEPLOY,
    "new model": _DEPLOY,
    "rollback": ("rollback",),
    "destroy": _DESTROY,
}
"""By operation; they ask nothing."""
_INTERRUPTED = 130


@dataclass(frozen=True)
class Begun:
    """Where an operation begins.

    Attributes:
        url: of what is served, or "".
        before: what is answered.
        after: what is answered then.
        again: the command that changes nothing after it.
    """

    url: str
    before: int
    after: int
    again: tuple[str, ...]


@dataclass
class Killing:
    """Kills commands on a machine, one after the other.

    Attributes:
        machine: where.
        url: of what is deployed, or "".
        there: what there is after each operation, undisturbed.
        number: of the calls of each operation, undisturbed.
    """

    machine: Machine
    url: str = ""
    there: dict[str, Counter[str]] = field(default_factory=dict)
    number: dict[str, int] = field(default_factory=dict)

    def calls(self, operation: str) -> int:
        """Run an operation undisturbed, and count its calls."""
        self._begin(operation)
        ended = self.machine.process(COMMANDS[operation])
        assert ended.code == 0, ended
        self.there[operation], self.number[operation] = census(), ended.calls
        self._ended(operation)
        return ended.calls

    def try_out(self, operation: str, call: int, name: str) -> Result:
        """Let an operation get a signal at a call, then let it be finished."""
        if operation not in self.there:
            self.calls(operation)
        begun = self._begin(operation)
        if operation not in {"new model", "rollback"}:
            problems = self._disturbed(operation, call, name, begun)
        else:
            with asking(begun.url) as client:
                problems = self._disturbed(operation, call, name, begun)
            problems += client.problems(begun.before, begun.after)
        self._ended(operation)
        return Result(3, tuple(problems))

    def _begin(self, operation: str) -> Begun:
        """Make everything what it is before an operation."""
        if operation == "first deploy":
            if self.url:
                take(*_DESTROY)
            return Begun("", 0, self.machine.value, _DEPLOY)
        if not self.url:
            self._ended("first deploy")
        value = self.machine.value
        if operation == "destroy":
            return Begun(self.url, value, 0, _DESTROY)
        live = _served()
        self.machine.change()
        if operation == "new model":
            return Begun(self.url, value, self.machine.value, _DEPLOY)
        take(*_DEPLOY)
        return Begun(self.url, self.machine.value, value, ("rollback", live))

    def _ended(self, operation: str) -> None:
        """Take up where an operation ended; after a rollback the newest is served again."""
        self.url = "" if operation == "destroy" else str(take(*_DEPLOY)["url"])

    def _disturbed(self, operation: str, call: int, name: str, begun: Begun) -> list[str]:
        command = COMMANDS[operation]
        problems = _endings(self.machine.process(command, call, SIGNALS[name]), name)
        try:
            # A rollback that has moved its alias is done: the same command goes further back.
            if operation != "rollback" or _served() != begun.again[1]:
                take(*command)
            third = take(*begun.again)
        except AssertionError as error:
            return [*problems, f"a run after it ends with {error}"]
        if third["changes"]:
            problems.append(f"a third run changes something: {third['changes']}")
        if (found := census()) != self.there[operation]:
            problems.append(f"there is {dict(found)} instead of {dict(self.there[operation])}")
        return problems


def _releases() -> list[dict[str, object]]:
    found: list[dict[str, object]] = take("releases")["releases"]
    return found


def _served() -> str:
    return next(str(one["version"]) for one in _releases() if one["share"] == 1.0)


def _endings(ended: Ended, name: str) -> list[str]:
    """Say what is wrong with how a process ended."""
    problems = [f"it left {one}" for one in ended.left]
    error = ended.envelope.get("error") or {}
    if name == "SIGKILL":
        return problems if ended.code == -SIGNALS[name] else [*problems, f"it ended: {ended}"]
    if ended.code != _INTERRUPTED or error.get("code") != "MLD130":
        problems.append(f"{name} ends it with {ended.code}: {ended.envelope}")
    if "same command again" not in str(error):
        problems.append(f"nobody is told how to go on: {error}")
    if "Traceback" in ended.stderr:
        problems.append(f"a traceback: {ended.stderr[-500:]}")
    return problems

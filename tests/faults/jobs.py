"""All trials as data, and the command line that repeats one of them."""

from dataclasses import dataclass
from functools import cache

from tests.faults.kills import SIGNALS
from tests.faults.operations import BY_NAME, OPERATIONS, of_a_rival
from tests.faults.rivals import rivals
from tests.faults.storms import double, storm
from tests.faults.trial import Fault, Reference, Result, abandon, reference, try_out
from tests.faults.world import World

STORMS, DOUBLES, RIVALS = 200, 500, 50
_RIVALS = ("first deploy", "new model")
AT_A_CALL = ("before", "after", "lost", "abandoned")
EVERY_SIGNAL = {
    *("first deploy", "new model", "rollback", "rollback of two functions", "destroy"),
}
"""The operations of which each call gets all signals; the others' calls get them in turn."""


@dataclass(frozen=True)
class Job:
    """One trial.

    Attributes:
        operation: its name.
        what: "undisturbed", "before", "after", "lost", "abandoned", "storm", "double", "rivals",
            "equal rivals", or the name of a signal.
        number: of the call, or the seed.
    """

    operation: str
    what: str
    number: int

    @property
    def kind(self) -> str:
        """The column of the table."""
        kinds = {"before": "crash", "after": "crash", "lost": "lost answer"}
        return kinds.get(self.what, "kill" if self.what in SIGNALS else self.what)

    @property
    def line(self) -> str:
        """The command that repeats it."""
        how = f"--call {self.number} --{self.what}"
        if self.what in SIGNALS:
            how = f"--call {self.number} --signal {self.what}"
        elif self.what not in AT_A_CALL:
            how = f"--{self.what.replace(' ', '-')} {self.number}"
        return f'python -m tests.faults --only "{self.operation}" {how}'


class Bench:
    """Does jobs in one world; an operation's undisturbed run is made once."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.reference = cache(lambda name: reference(world, BY_NAME[name]))
        self._rival = cache(lambda name: reference(world, of_a_rival(BY_NAME[name])))

    def do(self, job: Job) -> Result:
        """Try one thing; an error of the harness itself is a failure as well."""
        undisturbed: Reference = self.reference(job.operation)
        match job.what:
            case "before" | "after" | "lost":
                return try_out(self._world, undisturbed, [Fault(job.number, job.what)])
            case "undisturbed":
                return Result(1, ())
            case "abandoned":
                return abandon(self._world, undisturbed, job.number)
            case "storm":
                return storm(self._world, undisturbed, job.number)
            case "double":
                return double(self._world, undisturbed, job.number)
            case "rivals" | "equal rivals":
                other = undisturbed if job.what != "rivals" else self._rival(job.operation)
                return rivals(self._world, undisturbed, other, job.number)
            case _:
                raise AssertionError(job)


def crashes(undisturbed: Reference) -> list[Job]:
    """Return a crash before every call, and after it and with its answer lost if it is a change.

    After a read is before the next call. A deploy that crashed after a change is given up as well.
    """
    changed: tuple[str, ...] = ("before", "after", "lost")
    if undisturbed.operation.step.command == ("deploy",):
        changed = AT_A_CALL
    return [
        Job(undisturbed.operation.name, what, number)
        for number, (_, mutating) in enumerate(undisturbed.calls, 1)
        for what in (changed if mutating else ("before",))
    ]


def kills(operation: str, calls: int) -> list[Job]:
    """Return the signals at every call."""
    return [
        Job(operation, name, call)
        for call in range(1, calls + 1)
        for turn, name in enumerate(SIGNALS)
        if operation in EVERY_SIGNAL or call % len(SIGNALS) == turn
    ]


def seeded(storms: int = STORMS, doubles: int = DOUBLES, meetings: int = RIVALS) -> list[Job]:
    """Return what comes from seeds; the operations take turns."""
    names = [one.name for one in OPERATIONS]
    jobs = [Job(names[seed % len(names)], "storm", seed) for seed in range(storms)]
    jobs += [Job(names[seed % len(names)], "double", seed) for seed in range(doubles)]
    jobs += [
        Job(name, what, seed)
        for seed in range(meetings)
        for name in _RIVALS
        for what in ("rivals", "equal rivals")
    ]
    return jobs

"""What a process of `make faults` does. A module of its own: processes import it by its name."""

import atexit
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

from tests.faults.jobs import Bench, Job, crashes, kills
from tests.faults.kills import Killing
from tests.faults.machine import machine
from tests.faults.trial import Result
from tests.faults.world import world

T = TypeVar("T")
_stack = ExitStack()
_bench: list[Bench] = []
_killing: list[Killing] = []


def open_world() -> None:
    """Begin: an account and a project for all of this process's trials."""
    _bench.append(Bench(_kept(world())))


def count(name: str) -> tuple[str, int, list[Job]]:
    """Run an operation undisturbed; return its name, its calls, and its crashes to try."""
    try:
        undisturbed = _bench[0].reference(name)
    except Exception:  # noqa: BLE001 - told by the trial that makes it again
        return name, 0, [Job(name, "undisturbed", 0)]
    return name, len(undisturbed.calls), crashes(undisturbed)


def do(jobs: list[Job]) -> list[tuple[Job, Result]]:
    """Try one after the other."""
    return list(_results(jobs))


def open_machine() -> None:
    """Begin: an embedded AWS and a project for all of this process's kills."""
    _killing.append(Killing(_kept(machine())))


def _kept(context: AbstractContextManager[T]) -> T:
    """Enter a context until this process ends."""
    entered = _stack.enter_context(context)
    # Registered now, it comes before what tempfile has registered, which takes the folder away.
    atexit.register(_stack.close)
    return entered


def count_kills(name: str) -> tuple[str, int, list[Job]]:
    """Run an operation's real command undisturbed; return its calls, and the kills to try."""
    calls = _killing[0].undisturbed(name).calls
    return name, calls, kills(name, calls)


def kill(jobs: list[Job]) -> list[tuple[Job, Result]]:
    """Try one after the other."""
    return [(job, killed(_killing[0], job)) for job in jobs]


def killed(killing: Killing, job: Job) -> Result:
    """Try one; an error of the harness itself is a failure as well."""
    try:
        return killing.try_out(job.operation, job.number, job.what)
    except Exception as error:  # noqa: BLE001 - told with the trial that it came from
        killing.anew()
        return Result(1, (f"{type(error).__name__}: {error}",))


def _results(jobs: list[Job]) -> Iterator[tuple[Job, Result]]:
    for job in jobs:
        try:
            yield job, _bench[0].do(job)
        except Exception as error:  # noqa: BLE001 - told with the trial that it came from
            yield job, Result(1, (f"{type(error).__name__}: {error}",))

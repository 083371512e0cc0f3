"""Try all faults, or one: `make faults`, or the line that a failure ends with.

It prints a table and exits with 1 if anything was wrong.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack

from multiprocessing import get_context

from tests.faults.jobs import Bench, Job, crashes, seeded
from tests.faults.operations import BY_NAME, OPERATIONS
from tests.faults.table import Table
from tests.faults.trial import Result
from tests.faults.world import world

_BATCH = 20
_SEEDED = ("storm", "double", "rivals", "equal-rivals")
_stack = ExitStack()
_bench: list[Bench] = []


def main() -> int:
    """Do what the command line asks for."""
    options = _options()
    chosen = _one(options)
    if chosen:
        with world() as found:
            result = Bench(found).do(chosen)
        sys.stdout.write("\n".join(result.problems or ("nothing is wrong",)) + "\n")
        return 1 if result.problems else 0
    return _all(options.only, options.workers)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", choices=list(BY_NAME), metavar="OPERATION", help="one operation")
    parser.add_argument("--call", type=int, metavar="N", help="disturb this call")
    for when in ("before", "after", "lost"):
        parser.add_argument(f"--{when}", dest="when", action="store_const", const=when)
    for what in _SEEDED:
        parser.add_argument(f"--{what}", type=int, metavar="SEED")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _one(options: argparse.Namespace) -> Job | None:
    """Return the one trial that is asked for, if it is one."""
    if options.call:
        return Job(options.only or OPERATIONS[0].name, options.when or "before", options.call)
    for what in _SEEDED:
        seed = getattr(options, what.replace("-", "_"))
        if seed is not None:
            return Job(options.only or OPERATIONS[0].name, what.replace("-", " "), seed)
    return None


def _all(only: str | None, workers: int) -> int:
    names = [one.name for one in OPERATIONS if only in {None, one.name}]
    table = Table(names)
    with ProcessPoolExecutor(workers, get_context("spawn"), _open) as pool:
        jobs = [job for job in seeded() if job.operation in names]
        for name, calls, more in pool.map(_crashes, names):
            table.calls[name] = calls
            jobs += more
        # An operation's trials stay together: its undisturbed run is made once a process.
        jobs.sort(key=lambda job: names.index(job.operation))
        for done in pool.map(_do, [jobs[n : n + _BATCH] for n in range(0, len(jobs), _BATCH)]):
            for job, result in done:
                table.add(job, result)
    sys.stdout.write(str(table))
    return 1 if table.failures else 0


def _open() -> None:
    _bench.append(Bench(_stack.enter_context(world())))


def _crashes(name: str) -> tuple[str, int, list[Job]]:
    undisturbed = _bench[0].reference(name)
    return name, len(undisturbed.calls), crashes(undisturbed)


def _do(jobs: list[Job]) -> list[tuple[Job, Result]]:
    return list(_results(jobs))


def _results(jobs: list[Job]) -> Iterator[tuple[Job, Result]]:
    for job in jobs:
        try:
            yield job, _bench[0].do(job)
        except Exception as error:  # noqa: BLE001 - told with the trial that it came from
            yield job, Result(1, (f"{type(error).__name__}: {error}",))


if __name__ == "__main__":
    sys.exit(main())

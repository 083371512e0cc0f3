"""Try all faults, or one: `make faults`, or the line that a failure ends with.

It prints a table and exits with 1 if anything was wrong.
"""

import argparse
import os
import random
import sys
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context

from tests.faults import workers
from tests.faults.jobs import AT_A_CALL, Bench, Job, seeded
from tests.faults.kills import SIGNALS, Killing
from tests.faults.machine import machine
from tests.faults.operations import BY_NAME, OPERATIONS
from tests.faults.table import Table
from tests.faults.trial import Result
from tests.faults.world import world

_BATCH = 5
_SEEDED = ("undisturbed", "storm", "double", "rivals", "equal-rivals")


def main() -> int:
    """Do what the command line asks for."""
    options = _options()
    chosen = _one(options)
    if chosen:
        result = _tried(chosen)
        sys.stdout.write("\n".join(result.problems or ("nothing is wrong",)) + "\n")
        return 1 if result.problems else 0
    return _all(options)


def _tried(job: Job) -> Result:
    if job.what in SIGNALS:
        with machine() as found:
            return workers.killed(Killing(found), job)
    with world() as where:
        return Bench(where).do(job)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=list(BY_NAME), metavar="OPERATION", help="one operation"
    )
    parser.add_argument("--call", type=int, metavar="N", help="disturb this call")
    for when in AT_A_CALL:
        parser.add_argument(f"--{when}", dest="when", action="store_const", const=when)
    parser.add_argument("--signal", dest="when", choices=list(SIGNALS), help="to the real command")
    for what in _SEEDED:
        parser.add_argument(f"--{what}", type=int, metavar="SEED")
    parser.add_argument("--in-process", action="store_true", help="no real signals")
    parser.add_argument("--kills", action="store_true", help="only the real signals")
    parser.add_argument("--first", action="store_true", help="stop at the first failure")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def _one(options: argparse.Namespace) -> Job | None:
    """Return the one trial that is asked for, if it is one."""
    operation = options.only[0] if options.only else OPERATIONS[0].name
    if options.call:
        return Job(operation, options.when or "before", options.call)
    for what in _SEEDED:
        seed = getattr(options, what.replace("-", "_"))
        if seed is not None:
            return Job(operation, what.replace("-", " "), seed)
    return None


def _all(options: argparse.Namespace) -> int:
    names = [one.name for one in OPERATIONS if one.name in (options.only or BY_NAME)]
    table = Table(names)
    if not options.kills:
        with _pool(options, workers.open_world) as pool:
            jobs = _counted(pool, workers.count, table)
            jobs += [job for job in seeded() if job.operation in names]
            _do(pool, workers.do, jobs, table, first=options.first)
    if not options.in_process:
        with _pool(options, workers.open_machine) as pool:
            jobs = _counted(pool, workers.count_kills, table)
            _do(pool, workers.kill, jobs, table, first=options.first)
    sys.stdout.write(str(table))
    return 1 if table.failures else 0


def _pool(options: argparse.Namespace, begin: Callable[[], None]) -> Executor:
    return ProcessPoolExecutor(options.workers, get_context("spawn"), begin)


def _counted(
    pool: Executor, count: Callable[[str], tuple[str, int, list[Job]]], table: Table
) -> list[Job]:
    """Return the trials at the calls of each of the table's operations, which it counts."""
    jobs: list[Job] = []
    for name, calls, more in pool.map(count, table.names):
        table.calls.setdefault(name, calls)
        jobs += more
    return jobs


def _do(
    pool: Executor,
    work: Callable[[list[Job]], list[tuple[Job, Result]]],
    jobs: list[Job],
    table: Table,
    *,
    first: bool,
) -> None:
    """Do the jobs in batches, to the first failure or to the end, and say how far it is."""
    size = 1 if first else _BATCH
    if first:
        random.Random(0).shuffle(jobs)  # noqa: S311 - whichever kind of trial finds it
    # An operation's trials stay together: its undisturbed run is made once a process.
    jobs.sort(key=lambda job: table.names.index(job.operation))
    batches = [jobs[n : n + size] for n in range(0, len(jobs), size)]
    tried = 0
    for done in pool.map(work, batches):
        for job, result in done:
            table.add(job, result)
        tried += len(done)
        sys.stderr.write(f"\r{tried} of {len(jobs)} trials, {len(table.failures)} failures")
        if first and table.failures:
            pool.shutdown(wait=False, cancel_futures=True)
            break
    sys.stderr.write("\n")


if __name__ == "__main__":
    sys.exit(main())

"""Looking at AWS in parallel, against looking at one resource after the other."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.emulator import emulator
from benchmarks.measure import interleaved, machine, show, show_ratio
from benchmarks.project import connected, deploy_once, variables, write_project
from mldeploy.config.file import load_config
from mldeploy.plan import observe as looking
from mldeploy.resources.base import Context, Resource
from mldeploy.resources.stack import stack

ROUNDS = 15
ROUND_TRIP = 0.05
_POOL = looking._WORKERS  # noqa: SLF001 - only benchmarks set the pool's size


def main() -> None:
    """Deploy, then print the times of `observe` with a pool and with a pool of one thread."""
    print(f"  {machine()}; each call takes {ROUND_TRIP * 1000:.0f} ms more than the emulator\n")
    with tempfile.TemporaryDirectory() as name, emulator() as where:
        folder = Path(name)
        write_project(folder)
        deploy_once(folder, where)
        with variables(where.environment()):
            where.round_trip(ROUND_TRIP)
            first = _subjects("first look", partial(_fresh, folder))
            context, desired = _fresh(folder)
            again = _subjects("look again", lambda: (context, desired))
            timings = interleaved(first | again, ROUNDS)
        show(timings)
        for look in ("first look", "look again"):
            show_ratio(timings, f"{look}, pool of {_POOL}", f"{look}, one by one")


Ready = tuple[Context, tuple[Resource, ...]]


def _fresh(folder: Path) -> Ready:
    """Return a context without clients, because each command creates its own."""
    context, artifact = connected(folder)
    return context, stack(load_config(folder), artifact, context.account)


def _subjects(look: str, ready: Callable[[], Ready]) -> dict[str, Callable[[], object]]:
    return {
        f"{look}, pool of {_POOL}": partial(_observe, _POOL, ready),
        f"{look}, one by one": partial(_observe, 1, ready),
    }


def _observe(workers: int, ready: Callable[[], Ready]) -> None:
    context, desired = ready()
    looking._WORKERS = workers  # noqa: SLF001 - see above
    looking.observe(desired, context.reads.again())


if __name__ == "__main__":
    main()

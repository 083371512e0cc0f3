"""Plan, first deploy and one changed setting of 1 to 30 functions, at AWS's rates."""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.emulator import Emulator, emulator
from benchmarks.measure import machine
from benchmarks.project import connected, put_images, variables, write_project
from mldeploy.aws.rates import Pace
from mldeploy.config.file import load_config
from mldeploy.deploy.artifact import artifact_of_bundles
from mldeploy.deploy.rollout import prepare, roll_out
from mldeploy.deploy.session import connect
from mldeploy.errors import MldeployError
from mldeploy.resources.base import Context

SIZES = (1, 5, 15, 30)
ROUND_TRIP = 0.05
_SETTINGS = """\
[project]
name = "{name}"
python = "3.12"

[api]
auth = "none"
"""
# moto serves no API, so a route without a body avoids the check of the public URL.
_FUNCTION = """
[functions.f{number}]
route = "GET /f{number}"
memory = {memory}
"""


@dataclass(frozen=True)
class Run:
    """The cost of a command.

    Attributes:
        calls: by name.
        seconds: in total.
        refused: throttled calls, by quota.
        held: seconds that each delayed call waited.
        failed: the error's code, or "".
    """

    calls: Counter[str]
    seconds: float
    refused: Counter[str]
    held: tuple[float, ...] = ()
    failed: str = ""


class Stage:
    """A project of some functions on the emulator, whose commands run in this process."""

    def __init__(self, folder: Path, where: Emulator, functions: int, *, paced: bool) -> None:
        self._folder = folder / f"{'paced' if paced else 'bare'}{functions}"
        self._folder.mkdir()
        write_project(self._folder)
        self._where = where
        self._functions = functions
        self._paced = paced
        self._held: list[float] = []
        self.settings(512)
        with variables(where.environment()):
            context, artifact = connected(self._folder)
            put_images(context, artifact, load_config(self._folder))

    def settings(self, memory: int) -> None:
        """Write mldeploy.toml."""
        text = _SETTINGS.format(name=self._folder.name)
        for number in range(self._functions):
            text += _FUNCTION.format(number=number, memory=memory)
        (self._folder / "mldeploy.toml").write_text(text)

    def run(self, command: Callable[["Stage", Context], None]) -> Run:
        """Run a command after a quiet minute."""
        with variables(self._where.environment()):
            self._where.calls()
            self._where.quotas()
            self._held = []
            started = time.perf_counter()
            failed = ""
            try:
                command(self, self._context())
            except MldeployError as error:
                failed = error.code
            seconds = time.perf_counter() - started
            calls, refused = self._where.calls(), self._where.quotas()
            return Run(calls, seconds, refused, tuple(self._held), failed)

    def _context(self) -> Context:
        context = connect(load_config(self._folder), lambda _event: None)
        context.clients.pace = Pace(self._hold) if self._paced else None
        return context

    def _hold(self, seconds: float) -> None:
        self._held.append(seconds)
        time.sleep(seconds)

    def plan(self, context: Context) -> None:
        """Look, and decide."""
        config = load_config(self._folder)
        prepare(config, artifact_of_bundles(config), context)

    def deploy(self, context: Context) -> None:
        """Look, decide, and do."""
        config = load_config(self._folder)
        artifact = artifact_of_bundles(config)
        roll_out(config, artifact, prepare(config, artifact, context), context)


def main() -> None:
    """Print calls, seconds, and what AWS would have refused, with the pace and without."""
    sizes = tuple(map(int, sys.argv[2:])) or SIZES
    print(f"  {machine()}; each call takes {ROUND_TRIP * 1000:.0f} ms more than the emulator\n")
    with tempfile.TemporaryDirectory() as name, emulator() as where:
        where.round_trip(ROUND_TRIP)
        for functions in sizes:
            stages = [Stage(Path(name), where, functions, paced=one) for one in (True, False)]
            for what, command, memory in (
                ("first deploy", Stage.deploy, 512),
                ("plan", Stage.plan, 512),
                ("memory changed", Stage.deploy, 1024),
            ):
                for stage in stages:
                    stage.settings(memory)
                runs = [stage.run(command) for stage in stages]
                _show(f"{functions:>2} functions, {what}", *runs)


def _show(what: str, ours: Run, bare: Run) -> None:
    ratio = ours.seconds / bare.seconds
    print(f"  {what:<30} paced  {_line(ours)}")
    print(f"  {'':<30} bare   {_line(bare)}   paced / bare {ratio:.2f}")


def _line(run: Run) -> str:
    services = Counter[str]()
    for call, count in run.calls.items():
        services[call.partition(":")[0]] += count
    by_service = ", ".join(f"{name} {count}" for name, count in services.most_common(4))
    failed = f", failed with {run.failed}" if run.failed else ""
    return (
        f"{run.seconds:6.1f} s  {run.calls.total():>4} calls ({by_service}), "
        f"{run.refused.total():>3} refused, {len(run.held)} held back for at most "
        f"{max(run.held, default=0):.1f} s{failed}"
    )


if __name__ == "__main__":
    main()

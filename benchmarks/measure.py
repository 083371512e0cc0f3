"""Interleaved timing: A B A B …, so that a machine that grows slower slows all subjects alike."""

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Timing:
    """The times of a subject, in seconds per round."""

    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle of all rounds."""
        return statistics.median(self.seconds)

    def __str__(self) -> str:
        low, middle, high = min(self.seconds), self.median, max(self.seconds)
        return f"{_pretty(middle)}  ({_pretty(low)} - {_pretty(high)})"


def interleaved(
    subjects: Mapping[str, Callable[[], object]], rounds: int, *, warm_up: bool = True
) -> dict[str, Timing]:
    """Time all subjects in turn, `rounds` times.

    Args:
        subjects: by name; each call is one measurement.
        rounds: of one measurement a subject.
        warm_up: whether to call each once before, unmeasured (byte-code, disk cache).
    """
    if warm_up:
        for run in subjects.values():
            run()
    seconds: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, run in subjects.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    return {name: Timing(tuple(values)) for name, values in seconds.items()}


def show(timings: Mapping[str, Timing]) -> None:
    """Print each subject's median and its spread."""
    width = max(map(len, timings))
    rounds = len(next(iter(timings.values())).seconds)
    print(f"  {'':<{width}}  median of {rounds} (min - max)")
    for name, timing in timings.items():
        print(f"  {name:<{width}}  {timing}")


def show_ratio(timings: Mapping[str, Timing], ours: str, peer: str) -> None:
    """Print the ratio of our median to a peer's; below 1 we are faster.

    The range is that of single rounds, whose two halves ran consecutively.
    """
    if ours not in timings or peer not in timings:
        return
    pairs = zip(timings[ours].seconds, timings[peer].seconds, strict=True)
    single = [mine / theirs for mine, theirs in pairs]
    ratio = timings[ours].median / timings[peer].median
    print(f"  ratio {ratio:.2f}  ({min(single):.2f} - {max(single):.2f})  {ours} / {peer}")


def run(
    command: Sequence[str | Path], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> str:
    """Run a program and return its stdout.

    Raises:
        RuntimeError: with its output, if it failed.
    """
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**neutral_environment(), **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        printed = (done.stdout + done.stderr)[-2000:]
        raise RuntimeError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{printed}")
    return done.stdout


def neutral_environment() -> dict[str, str]:
    """Return this process's variables without those that give access to an AWS account.

    Writing byte code is allowed: programs installed by pip have it, and this one's libraries get
    theirs at the first run.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "MLDEPLOY_")) and name != "PYTHONDONTWRITEBYTECODE"
    }


def machine() -> str:
    """Return the kind of machine, to print with the results."""
    return (
        f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def _pretty(seconds: float) -> str:
    if seconds < 0.01:  # noqa: PLR2004 - reads better
        return f"{seconds * 1e6:6.0f} µs"
    return f"{seconds * 1000:6.0f} ms" if seconds < 10 else f"{seconds:6.1f} s "  # noqa: PLR2004 - reads better

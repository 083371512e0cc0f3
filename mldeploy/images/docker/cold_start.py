"""Measuring an image's cold start in containers, held to Lambda's rules."""

import json
import re
import statistics
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Progress
from mldeploy.images.docker.connection import connect, translated
from mldeploy.images.docker.emulator import container, first_reply
from mldeploy.images.trials import Trial

_PURPOSE = "cold-start"
_SECONDS = 300.0
_IMPORT = re.compile(r"^import time:\s*(\d+) \|\s*(\d+) \|\s*(\S+)$", re.MULTILINE)
_MOST_PACKAGES, _SHORTEST = 10, 5_000
"""Packages that are shown, and the microseconds from which on one is."""


@dataclass(frozen=True)
class Subject:
    """What is measured.

    Attributes:
        image: its id or name, on this machine.
        trial: the function's settings; a share of a processor goes with its memory, as in
            Lambda.
        event: what is sent, as a direct invoke's payload.
    """

    image: str
    trial: Trial
    event: bytes


@dataclass(frozen=True)
class ColdStart:
    """What was measured; all times in seconds.

    Attributes:
        packages: (package, time of its own modules' imports), the slowest first.
        imports: of what loading the model needs first.
        load: of the model.
        first: of the first prediction of one row.
        warm: of a later one, the median.
        runs: from the container's start to the first answer, one for each container.
    """

    packages: tuple[tuple[str, float], ...]
    imports: float
    load: float
    first: float
    warm: float
    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """Of the runs."""
        return statistics.median(self.runs)


def measure(subject: Subject, runs: int, emit: Emit, api: Any = None) -> ColdStart:
    """Measure an image.

    Args:
        subject: what to start and to ask.
        runs: how many containers are started.
        emit: gets the progress.
        api: docker-py's low-level client; the engine that the environment names if None.

    Raises:
        MldeployError: MLD301 without an engine, MLD350 where the image doesn't answer.
    """
    engine = connect() if api is None else api
    with translated():
        emit(Progress("cold start", "import by import"))
        packages = imports_by_package(_ran(engine, subject, ["-X", "importtime"]))
        emit(Progress("cold start", "loading and predicting"))
        timing = _timing(_ran(engine, subject, []))
        took = []
        for number in range(runs):
            emit(Progress("cold start", "container", number + 1, runs, "runs"))
            took.append(first_answer(engine, subject))
    return ColdStart(
        packages, timing["imports"], timing["load"], timing["first"], timing["warm"], tuple(took)
    )


def imports_by_package(output: str) -> tuple[tuple[str, float], ...]:
    """Sum what `python -X importtime` wrote by top-level package, in seconds, slowest first."""
    spent: Counter[str] = Counter()
    for own, _, module in _IMPORT.findall(output):
        spent[module.partition(".")[0]] += int(own)
    slowest = spent.most_common(_MOST_PACKAGES)
    return tuple((name, own / 1e6) for name, own in slowest if own >= _SHORTEST)


def _timing(output: str) -> dict[str, float]:
    try:
        found: dict[str, float] = json.loads(output.strip().splitlines()[-1])
    except (IndexError, ValueError) as error:
        raise _no_answer(output) from error
    return found


def _ran(api: Any, subject: Subject, options: list[str]) -> str:
    """Run `endpoint.timing` and return its output."""
    command = ["python", *options, "-m", "endpoint.timing"]
    with container(api, subject.image, subject.trial, _PURPOSE, command) as name:
        api.start(name)
        code = int(api.wait(name, timeout=_SECONDS)["StatusCode"])
        output: str = api.logs(name).decode("utf-8", "replace")
        if code:
            raise _no_answer(output)
        return output


def first_answer(api: Any, subject: Subject) -> float:
    """Start the image as Lambda does and return the seconds until its first good answer.

    Raises:
        MldeployError: MLD350 where the image doesn't answer well, MLD352 where not at all.
    """
    with container(api, subject.image, subject.trial, _PURPOSE) as name:
        started = time.perf_counter()
        api.start(name)
        reply = first_reply(api, name, subject.event)
        took = time.perf_counter() - started
        if b"errorType" in reply:
            raise _no_answer(reply.decode("utf-8", "replace"))
        return took


def _no_answer(output: str) -> MldeployError:
    lines = [line for line in output.splitlines() if line.strip()][-15:]
    return MldeployError(
        "MLD350",
        "the image gave no answer that could be measured",
        "`mldeploy build` checks the image and says what is wrong",
        details=tuple(("container", line) for line in lines),
    )

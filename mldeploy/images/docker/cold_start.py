"""Measures an image's cold start in containers with Lambda's limits."""

import json
import re
import time
from collections import Counter
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Progress
from mldeploy.images.cold_start import ColdStart, Measurement
from mldeploy.images.docker.connection import translated
from mldeploy.images.docker.emulator import container, first_reply

_PURPOSE = "cold-start"
_SECONDS = 300.0
_IMPORT = re.compile(r"^import time:\s*(\d+) \|\s*(\d+) \|\s*(\S+)$", re.MULTILINE)
_MOST_PACKAGES, _SHORTEST = 10, 5_000
"""Maximum number of packages shown, and the minimum microseconds of each."""


def measure(api: Any, wanted: Measurement, runs: int, emit: Emit) -> ColdStart:
    """Measure an image.

    Args:
        api: docker-py's low-level client.
        wanted: the image, settings and event.
        runs: number of containers to start.
        emit: receives the progress.

    Raises:
        MldeployError: MLD301 without an api, MLD350 if the image doesn't respond.
    """
    with translated():
        emit(Progress("cold start", "import by import"))
        packages = imports_by_package(_ran(api, wanted, ["-X", "importtime"]))
        emit(Progress("cold start", "loading and predicting"))
        timing = _timing(_ran(api, wanted, []))
        took = []
        for number in range(runs):
            emit(Progress("cold start", "container", number + 1, runs, "runs"))
            took.append(sum(first_answer(api, wanted)))
    return ColdStart(
        packages, timing["imports"], timing["load"], timing["first"], timing["warm"], tuple(took)
    )


def imports_by_package(output: str) -> tuple[tuple[str, float], ...]:
    """Return the seconds in `python -X importtime`'s output by top-level package, slowest first."""
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


def _ran(api: Any, wanted: Measurement, options: list[str]) -> str:
    """Run `endpoint.timing` and return its output."""
    command = ["python", *options, "-m", "endpoint.timing"]
    with container(api, wanted.image, wanted.trial, _PURPOSE, command) as name:
        api.start(name)
        code = int(api.wait(name, timeout=_SECONDS)["StatusCode"])
        output: str = api.logs(name).decode("utf-8", "replace")
        if code:
            raise _no_answer(output)
        return output


def first_answer(api: Any, wanted: Measurement) -> tuple[float, float]:
    """Start the image as Lambda does, up to its first successful response.

    Returns:
        The seconds until Docker has started the process, and those from then on.

    Raises:
        MldeployError: MLD350 if the response is an error, MLD352 if there is none.
    """
    with container(api, wanted.image, wanted.trial, _PURPOSE) as name:
        began = time.perf_counter()
        api.start(name)
        started = time.perf_counter()
        reply = first_reply(api, name, wanted.event)
        ended = time.perf_counter()
        if b"errorType" in reply:
            raise _no_answer(reply.decode("utf-8", "replace"))
        return started - began, ended - started


def _no_answer(output: str) -> MldeployError:
    lines = [line for line in output.splitlines() if line.strip()][-15:]
    return MldeployError(
        "MLD350",
        "the image gave no response that could be measured",
        "run `mldeploy build`, which checks the image and names the problem",
        details=tuple(("container", line) for line in lines),
    )

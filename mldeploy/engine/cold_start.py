"""Measuring an image's cold start in containers, held to Lambda's rules."""

import json
import re
import secrets
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from mldeploy.engine.connection import connect, translated
from mldeploy.engine.trial import lambda_rules, remove, variables
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Progress
from mldeploy.handlers import Trial
from mldeploy.prices import ONE_PROCESSOR

_PORT = "8080/tcp"
_PATH = "/2015-03-31/functions/function/invocations"
"""Where the runtime interface emulator in AWS's base images takes events."""
_SECONDS = 60.0
_PAUSE = 0.005
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
    with _container(api, subject, entrypoint=command) as name:
        api.start(name)
        code = int(api.wait(name, timeout=_SECONDS * 5)["StatusCode"])
        output: str = api.logs(name).decode("utf-8", "replace")
        if code:
            raise _no_answer(output)
        return output


def first_answer(api: Any, subject: Subject) -> float:
    """Start the image as Lambda does and return the seconds until its first good answer.

    Raises:
        MldeployError: MLD350 where the image doesn't answer.
    """
    import urllib3

    pool = urllib3.PoolManager(timeout=_SECONDS, retries=False)
    with _container(api, subject, port=True) as name:
        started = time.perf_counter()
        api.start(name)
        port = api.inspect_container(name)["NetworkSettings"]["Ports"][_PORT][0]["HostPort"]
        while time.perf_counter() - started < _SECONDS:
            try:
                answer = pool.request("POST", f"http://127.0.0.1:{port}{_PATH}", body=subject.event)
            except urllib3.exceptions.HTTPError:
                time.sleep(_PAUSE)  # the port isn't listened on yet
                continue
            took = time.perf_counter() - started
            if answer.status != 200 or b"errorType" in answer.data:  # noqa: PLR2004 - HTTP
                raise _no_answer(answer.data.decode("utf-8", "replace"))
            return took
        raise _no_answer(api.logs(name).decode("utf-8", "replace"))


@contextmanager
def _container(
    api: Any, subject: Subject, *, entrypoint: list[str] | None = None, port: bool = False
) -> Iterator[str]:
    """Create a container with Lambda's limits; remove it whatever comes between."""
    name = f"mldeploy-cold-start-{secrets.token_hex(6)}"
    trial = subject.trial
    rules = lambda_rules(trial.memory, trial.ephemeral_storage)
    # 1,769 MB have one processor; an engine refuses more than the machine has.
    share = min(trial.memory / ONE_PROCESSOR, float(api.info()["NCPU"]))
    rules |= {"nano_cpus": int(share * 1e9)}
    if port:
        rules |= {"port_bindings": {8080: ("127.0.0.1",)}, "network_mode": "bridge"}
    try:
        api.create_container(
            subject.image,
            name=name,
            user="993:990",
            ports=[8080] if port else None,
            environment=variables(trial),
            host_config=api.create_host_config(**rules),
            **({"entrypoint": entrypoint} if entrypoint else {}),
        )
        yield name
    finally:
        remove(api, name)


def _no_answer(output: str) -> MldeployError:
    lines = [line for line in output.splitlines() if line.strip()][-15:]
    return MldeployError(
        "MLD350",
        "the image gave no answer that could be measured",
        "`mldeploy build` checks the image and says what is wrong",
        details=tuple(("container", line) for line in lines),
    )

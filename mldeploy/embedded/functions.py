"""Runs invoked versions of functions, each in its own environments."""

import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from mldeploy.aws.clients import Clients
from mldeploy.config import DEFAULT_HANDLER
from mldeploy.config.task import TASK
from mldeploy.embedded.deployed import Version, read_version, shares_of
from mldeploy.embedded.images import HereImage, locate
from mldeploy.embedded.logs import Line, LogWriter, line_of
from mldeploy.embedded.metrics import Metrics, Request
from mldeploy.embedded.secrets import access, with_values
from mldeploy.facts.quotas import TIMEOUT
from mldeploy.images.docker.running import LABEL
from mldeploy.local.environments.container import ContainerEnvironment, ContainerLaunch
from mldeploy.local.environments.output import Log
from mldeploy.local.environments.pool import Pool
from mldeploy.local.environments.process import Environment, Launch
from mldeploy.local.environments.runs import Outcome, Runs
from mldeploy.local.environments.variables import lambda_variables

_DEFAULT = DEFAULT_HANDLER.replace(":", ".")
_ENVIRONMENTS = 10
"""Maximum environments of a version without reserved concurrency, to limit memory."""
_IDLE = 600.0
"""Seconds after which the environments of an unused version end, as in Lambda."""
_NAMED = re.compile(r"(?:arn:[^/]*:function:)?([^:]+)(?::([^:]+))?")


@dataclass(frozen=True)
class Ran:
    """The result of a call.

    Attributes:
        outcome: of the function.
        version: that was invoked.
        refusal: status, error and message if Lambda itself rejects the call.
    """

    outcome: Outcome = field(default_factory=Outcome)
    version: str = ""
    refusal: tuple[int, str, str] | None = None


class _Recorded:
    """An environment whose outcomes contain the lines logged during them."""

    def __init__(self, make: Callable[[Log], Runs], written: Callable[[list[Line]], None]) -> None:
        self._lines: list[Line] = []
        self._written = written
        self._inner = make(lambda text: self._lines.append(line_of(text)))

    @property
    def alive(self) -> bool:
        return self._inner.alive

    @property
    def error(self) -> bytes:
        return self._inner.error

    def settle(self) -> None:
        self._inner.settle()

    def start(self, seconds: float) -> bool:
        started = self._inner.start(seconds)
        if not started:
            self._flush()
        return started

    def invoke(self, event: bytes, seconds: float) -> Outcome:
        found = self._inner.invoke(event, seconds)
        return replace(found, log=self._flush())

    def end(self) -> None:
        self._inner.end()

    def _flush(self) -> tuple[str, ...]:
        count = len(self._lines)
        told, self._lines[:count] = self._lines[:count], []
        self._written(told)
        return tuple(text for _, text in told)


class Functions:
    """The functions of the account.

    Args:
        clients: returns a region's clients.
        folder: the cloud's files.

    Attributes:
            metrics: of their invocations.
    """

    def __init__(self, clients: Callable[[str], Clients], folder: Path) -> None:
        self._clients, self._folder = clients, folder
        self._lock = threading.Lock()
        self._pools: dict[Version, Pool] = {}
        self._used: dict[Version, float] = {}
        self._logs = LogWriter(clients)
        self.metrics = Metrics()

    def call(self, region: str, named: str, query: dict[str, str], event: bytes) -> Ran:
        """Handle Lambda's Invoke.

        Args:
            region: that the call was signed for.
            named: a name or an ARN, with or without a qualifier.
            query: may contain the qualifier.
            event: JSON.
        """
        found = _NAMED.fullmatch(named)
        function, qualifier = (found[1], found[2]) if found else (named, None)
        wanted = qualifier or query.get("Qualifier", "")
        return self.invoke(region, function, wanted, event or b"{}", TIMEOUT[1])

    def invoke(
        self, region: str, function: str, qualifier: str, event: bytes, seconds: float
    ) -> Ran:
        """Invoke a version with an event, within `seconds`."""
        began = time.monotonic()
        until = began + seconds
        while True:
            version = self._resolved(region, function, qualifier)
            if version is None:
                text = f"Function not found: {function}:{qualifier or '$LATEST'}"
                return Ran(refusal=(404, "ResourceNotFoundException", text))
            pool = self._pool(version)
            if pool is None:
                text = "the image of this version isn't on this machine any more; build it again"
                return Ran(refusal=(400, "InvalidParameterValueException", text))
            outcome = pool.invoke(event, until - time.monotonic())
            if outcome.problem == "busy":
                refusal = (429, "TooManyRequestsException", "Rate Exceeded.")
                return Ran(outcome, version.number, refusal)
            if outcome.problem != "retired":
                self._count(function, qualifier, version.number, began, outcome)
                return Ran(outcome, version.number)

    def _count(
        self, function: str, qualifier: str, version: str, began: float, outcome: Outcome
    ) -> None:
        took = (time.monotonic() - began) * 1000
        self.metrics.record(
            function, qualifier, version, Request(time.time(), took, bool(outcome.problem))
        )

    def tidy(self) -> None:
        """End the environments of versions that are deleted or unused."""
        now = time.monotonic()
        with self._lock:
            pools = dict(self._pools)
        for version, pool in pools.items():
            clients = self._clients(version.region)
            gone = read_version(version.function, version.number, clients) != version
            if gone or now - self._used[version] > _IDLE:
                with self._lock:
                    self._pools.pop(version, None)
                    self._used.pop(version, None)
                pool.retire()

    def end(self) -> None:
        """End every environment."""
        with self._lock:
            pools, self._pools = list(self._pools.values()), {}
        for pool in pools:
            pool.end()

    def _resolved(self, region: str, function: str, qualifier: str) -> Version | None:
        clients = self._clients(region)
        shares = shares_of(function, qualifier, clients)
        if not shares:
            return None
        weights = [one.weight for one in shares]
        number = random.choices(shares, weights)[0].version  # noqa: S311 - a share of requests
        return read_version(function, number, clients)

    def _pool(self, version: Version) -> Pool | None:
        """Return a version's environments, or None if its image is gone."""
        with self._lock:
            self._used[version] = time.monotonic()
            if version not in self._pools:
                make = self._maker(version)
                if make is None:
                    return None
                limit = min(_ENVIRONMENTS, version.reserved or _ENVIRONMENTS)
                self._pools[version] = Pool(make, limit, self._line_taker(version))
            return self._pools[version]

    def _maker(self, version: Version) -> Callable[[], Runs] | None:
        """Return a function that creates an environment: a container or a process."""
        try:
            image = locate(self._folder, version.manifest)
        except (OSError, ValueError):
            return None
        clients = self._clients(version.region)
        if image.engine:
            tell, owner = self._line_taker(version), str(self._folder)

            def container(log: Log) -> Runs:
                told = with_values(version, clients, tell)
                return ContainerEnvironment(_container_of(told, image, owner), log)

            return lambda: self._recorded(version, container)
        process = _process_of(version, image, access(clients))
        return lambda: self._recorded(version, lambda log: Environment(process, log))

    def _line_taker(self, version: Version) -> Log:
        take = self._logs.stream(version)
        return lambda text: take([line_of(text)])

    def _recorded(self, version: Version, make: Callable[[Log], Runs]) -> Runs:
        return _Recorded(make, self._logs.stream(version))


def _process_of(version: Version, image: HereImage, given: dict[str, str]) -> Launch:
    handler = version.command or _DEFAULT
    return Launch(
        name=version.function,
        arn=version.arn,
        task=Path(image.folder),
        handler=handler,
        memory=version.memory,
        timeout=version.timeout,
        variables=(*_variables(version, handler, image.folder), *given.items()),
        image_variables=image.variables,
        absent=image.absent,
        python=image.python,
    )


def _container_of(version: Version, image: HereImage, owner: str) -> ContainerLaunch:
    return ContainerLaunch(
        image=image.engine,
        name=version.function,
        arn=version.arn,
        command=version.command or None,
        memory=version.memory,
        timeout=version.timeout,
        ephemeral_storage=version.ephemeral_storage,
        variables=_variables(version, version.command or _DEFAULT, TASK),
        labels=((LABEL, owner),),
    )


def _variables(version: Version, handler: str, task: str) -> tuple[tuple[str, str], ...]:
    lambdas = lambda_variables(
        name=version.function,
        version=version.number,
        handler=handler,
        memory=version.memory,
        region=version.region,
        task=task,
    )
    return tuple(sorted({**dict(version.variables), **lambdas}.items()))

"""An execution environment: a container of the image with the emulator."""

import math
import re
import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from mldeploy.config import HANDLER_VARIABLE, FunctionConfig
from mldeploy.errors import MldeployError
from mldeploy.images.docker.emulator import Wanted
from mldeploy.images.docker.running import Reply, Running
from mldeploy.local.environments.container_log import ContainerLog
from mldeploy.local.environments.output import Log, Report, timeout_line
from mldeploy.local.environments.runs import Outcome, failure, timed_out
from mldeploy.local.environments.runtime import TOO_LARGE, parsed
from mldeploy.local.environments.variables import version_in

_WARMUP = b'{"mldeploy": "warmup"}'
_OK = 200
_START = 10.0
"""Seconds of a start that Lambda excludes from the first request's time, unlike the emulator."""
_TIMED_OUT = re.compile(rb"Task timed out after [\d.]+ seconds")
_ERROR = {"errorMessage", "errorType", "stackTrace"}
"""The runtime client's error types for errors of the function; the emulator doesn't mark them."""
_FRAME = re.compile(
    r'File "/var/task/(?P<file>[^"]+)", line (?P<line>\d+)[^\n]*(\n\s*(?P<code>.*))?'
)


@dataclass(frozen=True)
class ContainerLaunch:
    """The settings of a function's environments.

    Attributes:
        image: its id or name, on this machine.
        name: the function's in Lambda.
        arn: of the function. The emulator's context contains another one.
        command: "module.function" for Lambda's runtime client; the image's own if None.
        memory: MB.
        timeout: of an invocation, in seconds.
        ephemeral_storage: MB of /tmp.
        variables: of Lambda and the function's settings.
        labels: to find a container again (`engine.running.LABEL`).
    """

    image: str
    name: str
    arn: str
    command: str | None = None
    memory: int = FunctionConfig.memory
    timeout: float = FunctionConfig.timeout
    ephemeral_storage: int = FunctionConfig.ephemeral_storage
    variables: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    labels: tuple[tuple[str, str], ...] = ()


class ContainerEnvironment:
    """A container that `start` starts and `end` removes. See `Runs`.

    Args:
        launch: the settings.
        log: receives the function's lines.
        api: docker-py's low-level client; the environment's engine if None.
    """

    def __init__(self, launch: ContainerLaunch, log: Log, api: Any = None) -> None:
        self._launch, self._log, self._api = launch, log, api
        self._lines = self._new_log()
        self._lock = Lock()
        self._running: Running | None = None
        self._ended = self._broken = False
        self._init: float | None = None
        self.error = b""

    @property
    def alive(self) -> bool:
        """Whether it can accept a request."""
        ended = self._ended or self._broken or self._running is None
        return not (ended or self._lines.gone)

    def settle(self) -> None:
        """Return at once: the emulator accepts the next event after a response."""

    def start(self, seconds: float) -> bool:
        """Start a container and wait until the handler is imported; return False if that failed."""
        until, reply = time.monotonic() + seconds, Reply()
        self._broken = True
        try:
            for spare in (0.0, _START):
                reply = self._started(spare, until)
                if not _TIMED_OUT.fullmatch(reply.body):
                    break
        except MldeployError as error:
            self._tell(error)
            return False
        if self._ended:
            return False
        if reply.status and not _error_of(reply) and not _TIMED_OUT.fullmatch(reply.body):
            self._lines.release()
            self._measure()
            self._broken = False
            return True
        self._tell_crash(reply)
        return False

    def invoke(self, event: bytes, seconds: float) -> Outcome:
        """Send an event and wait for its response.

        Args:
            event: JSON.
            seconds: the caller's timeout; the function's timeout applies, too.
        """
        running = self._running
        if running is None:
            return Outcome(None, "init", self.error)
        patience = min(seconds, self._launch.timeout)
        self._lines.expect()
        began = time.monotonic()
        reply = running.send(event, patience)
        took = (time.monotonic() - began) * 1000
        number = self._lines.finish(clean=reply.status == _OK)
        outcome = self._outcome(reply, number, late=seconds < self._launch.timeout)
        self._broken = outcome.problem not in {"", "error"} or _ends(outcome.error)
        self._tell_problem(outcome, number, patience)
        init, self._init = self._init, None
        report = Report(number, took, self._launch.memory, running.used, init)
        for line in report.lines() if number else ():
            self._log(line)
        return outcome

    def end(self) -> None:
        """Remove the container, and wait for it."""
        self._ended = True
        self._lines.mute()
        with self._lock:
            running, self._running = self._running, None
            if running is None:
                return
            try:
                running.remove()
            except MldeployError as error:
                self._log(f"the container {running.name} may still exist: {error.message}")

    def _measure(self) -> None:
        running = self._running
        if running is not None:
            running.measure()

    def _started(self, spare: float, until: float) -> Reply:
        """Start a container with an event that only starts the function.

        Raises:
            MldeployError: MLD301.
        """
        with self._lock:  # `end` waits until a container that is being created can be removed
            if self._running is not None:
                self._running.remove()
            if self._ended:
                return Reply()
            running = self._running = Running(self._wanted(spare), self._api)
            lines = self._lines = self._new_log()
            running.start(lines.take, lines.end)
        began = time.monotonic()
        reply = running.first(_WARMUP, max(until - began, 0.1))
        self._init = (time.monotonic() - began) * 1000
        return reply

    def _new_log(self) -> ContainerLog:
        return ContainerLog(self._log, version_in(self._launch.variables))

    def _wanted(self, spare: float) -> Wanted:
        launch = self._launch
        variables = {
            "AWS_LAMBDA_FUNCTION_NAME": launch.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(launch.memory),
            **dict(launch.variables),
            # The emulator enforces the timeout, and passes the remaining time to the function.
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(math.ceil(launch.timeout + spare)),
        }
        return Wanted(
            image=launch.image,
            memory=launch.memory,
            ephemeral_storage=launch.ephemeral_storage,
            variables=variables,
            command=launch.command,
            labels=dict(launch.labels),
        )

    def _outcome(self, reply: Reply, number: str, *, late: bool) -> Outcome:
        if reply.why == "timeout" or _TIMED_OUT.fullmatch(reply.body):
            if late:
                return Outcome(problem="late")
            return Outcome(None, "timeout", timed_out(number, self._launch.timeout))
        if reply.why == "engine":
            return Outcome(problem="engine")
        if reply.why == "exit":
            said = "Runtime exited without providing a reason"
            return Outcome(None, "exit", failure("Runtime.ExitError", said, number))
        error = _error_of(reply)
        if error.get("errorType") == "Runtime.ExitError":
            return Outcome(None, "exit", reply.body)
        return Outcome(None, "error", reply.body) if error else Outcome(reply.body)

    def _tell_problem(self, outcome: Outcome, number: str, patience: float) -> None:
        match outcome.problem:
            case "timeout" | "late":
                self._log(timeout_line(number, patience))
            case "exit":
                self._log(str(parsed(outcome.error).get("errorMessage")))
            case "error" if _ends(outcome.error):
                self._log(f"RequestId: {number} Error: the response exceeds 6 MB")
            case "engine":
                self._log(
                    "the Docker engine doesn't answer: the engine or the connection to it stopped"
                )

    def _tell(self, error: MldeployError) -> None:
        """Log that there is no container, unless it was ended."""
        if not self._ended:
            self.error = failure("Runtime.ExitError", error.message)
            self._log(f"{error.message}: {self._launch.name} can't be started")

    def _tell_crash(self, reply: Reply) -> None:
        """Log why the start failed, with the lines of the user's code."""
        self._lines.release(failed=True)
        told = parsed(reply.body)
        self.error = reply.body if told else failure("Runtime.ExitError", _NO_START[reply.why])
        why = told.get("errorMessage") or _NO_START[reply.why]
        name = dict(self._launch.variables).get(HANDLER_VARIABLE) or self._launch.name
        self._log(f"{name} can't be started: {why}")
        for frame in told.get("stackTrace") or ():
            for found in _FRAME.finditer(str(frame)):
                self._log(f"  at {found['file']}:{found['line']}  {found['code'] or ''}")


_NO_START = {
    "": "it took too long",
    "timeout": "it took too long",
    "exit": "the container ended, or no process listens in it",
    "engine": "the Docker engine doesn't answer",
}


def _error_of(reply: Reply) -> dict[str, Any]:
    """Return the error in a reply; {} for a response."""
    if not reply.status:
        return {}
    told = parsed(reply.body) if b"errorType" in reply.body else {}
    if reply.status >= 400:  # noqa: PLR2004 - HTTP
        return told or {"errorType": "Error"}
    return told if told.keys() >= _ERROR else {}


def _ends(error: bytes) -> bool:
    """Return whether an error ended the function's process."""
    return bool(error) and parsed(error).get("errorType") == TOO_LARGE

"""An execution environment: one process of AWS's runtime client, one request at a time."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from mldeploy.config import HANDLER_VARIABLE
from mldeploy.files.scratch import Scratch
from mldeploy.local.environments import strays
from mldeploy.local.environments.output import Log, Output, Report, start_line, timeout_line
from mldeploy.local.environments.runs import Outcome, failure, timed_out
from mldeploy.local.environments.runtime import TOO_LARGE, Invocation, RuntimeApi, parsed
from mldeploy.local.environments.variables import version_in
from mldeploy.model.proof import clean

_HERE = Path(__file__).parent
_TMP = "/tmp"  # noqa: S108 - Lambda's, and what the image's variables name
_OF_THE_BASE = {"LANG": "en_US.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin", "TZ": ":UTC"}
"""Variables of AWS's base images that apply on this machine, too."""
_SETTLING = 5.0
"""Seconds between a response and the request for the next event, after which a process is ended."""


@dataclass(frozen=True)
class Launch:
    """The settings of a function's environments.

    Attributes:
        name: the function's in Lambda.
        arn: in its context.
        task: the folder used as /var/task.
        handler: "module.function".
        memory: MB.
        timeout: of an invocation, in seconds.
        variables: of Lambda and the function's settings.
        image_variables: of the image; `variables` take precedence.
        absent: top-level modules that are installed here but not in the image.
        python: the interpreter; "" for this one.
    """

    name: str
    arn: str
    task: Path
    handler: str
    memory: int
    timeout: float
    variables: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    image_variables: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()
    python: str = ""


class Environment:
    """A process that `start` starts and `end` kills. See `Runs`."""

    def __init__(self, launch: Launch, log: Log) -> None:
        self._launch, self._log = launch, log
        self._api = RuntimeApi(launch.arn)
        self._scratch = Scratch()
        self._lock = Lock()
        self._ended = False
        self.error = b""
        self._crash = self._scratch.path / ".crash.json"
        self._started = time.monotonic()
        self._init: float | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._output: Output | None = None

    @property
    def alive(self) -> bool:
        """Whether it can accept a request."""
        return self._api.idle and not self._api.gone

    def settle(self) -> None:
        """Wait until it can accept the next request or has ended, as some do after a response."""
        with self._api.changed:
            self._api.changed.wait_for(lambda: self._api.idle or self._api.gone, _SETTLING)

    def start(self, seconds: float) -> bool:
        """Start the process and wait until the handler is imported; return False if that failed."""
        with self._lock:
            if self._ended:
                return False
            self._process, self._output = self._launched()
        Thread(target=self._attend, daemon=True).start()
        api = self._api
        with api.changed:
            api.changed.wait_for(lambda: api.ready or api.gone or api.failed, seconds)
        if api.ready and not api.gone:
            self._init = (time.monotonic() - self._started) * 1000
            self._output.release()
            return True
        self._tell_crash()
        return False

    def invoke(self, event: bytes, seconds: float) -> Outcome:
        """Send an event and wait for its response.

        Args:
            event: JSON.
            seconds: the caller's timeout; the function's timeout applies, too.
        """
        patience = min(seconds, self._launch.timeout)
        invocation = Invocation(event, self._launch.timeout, patience)
        number = invocation.request_id
        self._log(start_line(number, version_in(self._launch.variables)))
        began = time.monotonic()
        self._api.put(invocation)
        with self._api.changed:
            self._api.changed.wait_for(lambda: invocation.done or self._api.gone, patience)
        took = (time.monotonic() - began) * 1000
        used = self._memory()
        outcome = self._outcome(invocation, late=seconds < self._launch.timeout)
        if outcome.problem in {"timeout", "late"}:
            self.end()
        elif self._output is not None:
            self._output.drain()
        self._report(invocation, outcome, took, used)
        return outcome

    def end(self) -> None:
        """Kill the process and its children, and wait for them."""
        with self._lock:
            self._ended = True
            process = self._process
        if process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            strays.kill("TMPDIR", str(self._scratch.path))
            if self._output is not None:
                self._output.join()
        self._api.close()
        self._scratch.cleanup()

    def _launched(self) -> tuple[subprocess.Popen[bytes], Output]:
        ours, theirs = os.pipe()
        python = self._launch.python or sys.executable
        if not Path(python).is_file():
            self._log(
                f"the interpreter {python} of the deploy doesn't exist any more; using "
                f"{sys.executable}"
            )
            python = sys.executable
        process = subprocess.Popen(  # noqa: S603 - an interpreter that runs us, our own program
            # -P, -E: neither the project's folder nor PYTHONPATH
            [python, "-E", "-P", str(_HERE / "worker.py"), self._request()],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
            cwd=self._launch.task,
            env=self._variables(),
            start_new_session=True,  # mldeploy alone handles the terminal's Ctrl-C
        )
        os.close(theirs)
        return process, Output(ours, self._log)

    def _outcome(self, invocation: Invocation, *, late: bool) -> Outcome:
        if invocation.answer is not None:
            return Outcome(invocation.answer)
        number = invocation.request_id
        if invocation.error:
            return Outcome(None, "error", invocation.error)
        if self._api.gone:
            return Outcome(None, "exit", failure("Runtime.ExitError", self._exit(), number))
        if late:
            return Outcome(problem="late")
        return Outcome(None, "timeout", timed_out(number, self._launch.timeout))

    def _report(self, invocation: Invocation, outcome: Outcome, took: float, used: int) -> None:
        number = invocation.request_id
        if outcome.problem in {"timeout", "late"}:
            self._log(timeout_line(number, invocation.patience))
        elif outcome.problem == "exit":
            self._log(f"RequestId: {number} Error: {self._exit()}")
        elif outcome.problem and parsed(outcome.error).get("errorType") == TOO_LARGE:
            self._log(f"RequestId: {number} Error: the response exceeds 6 MB")
        init, self._init = self._init, None
        for line in Report(number, took, self._launch.memory, used, init).lines():
            self._log(line)

    def _exit(self) -> str:
        code = self._process.wait() if self._process else 0
        how = f"exit status {code}" if code >= 0 else f"signal: {signal.Signals(-code).name}"
        return f"Runtime exited with error: {how}"

    def _memory(self) -> int:
        """Return the process's maximum memory in MB; 0 if the system doesn't report it."""
        try:
            status = Path(f"/proc/{self._process.pid if self._process else 0}/status").read_text()
        except OSError:
            return 0
        lines = (line.split() for line in status.splitlines())
        return next((int(words[1]) // 1024 for words in lines if words[0] == "VmHWM:"), 0)

    def _attend(self) -> None:
        if self._process is not None:
            self._process.wait()
        self._api.tell(gone=True)

    def _tell_crash(self) -> None:
        """Log why the start failed, with the lines of the user's code."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1)
        if self._output is not None:
            self._output.release(failed=True)
        failed = self._api.failed or {}
        why = failed.get("errorMessage") or "the process didn't start"
        self.error = json.dumps(failed).encode() if failed else failure("Runtime.ExitError", why)
        told: dict[str, Any] = {"error": why, "frames": []}
        with suppress(OSError, ValueError):
            told = json.loads(self._crash.read_text(encoding="utf-8"))
        name = dict(self._launch.variables).get(HANDLER_VARIABLE, self._launch.handler)
        self._log(f"{name} can't be imported: {told['error']}")
        for frame in told["frames"]:
            self._log(f"  at {frame}")

    def _request(self) -> str:
        return json.dumps(
            {
                "task": str(self._launch.task),
                "handler": self._launch.handler,
                "absent": list(self._launch.absent),
                "crash": str(self._crash),
                "clean": clean.__file__,
            }
        )

    def _variables(self) -> dict[str, str]:
        # The scratch folder replaces /tmp, which is private to an environment in Lambda.
        scratch = str(self._scratch.path)
        image = {
            name: scratch + value.removeprefix(_TMP) if Path(value).is_relative_to(_TMP) else value
            for name, value in self._launch.image_variables
        }
        own = {"TMPDIR": scratch, "AWS_LAMBDA_RUNTIME_API": self._api.address}
        return {**image, **_OF_THE_BASE, **dict(self._launch.variables), **own}

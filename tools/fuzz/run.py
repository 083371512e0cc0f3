"""One run: what was sent, what came back, and what was wrong with it."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

from tools.fuzz.bodies import PREDICT, Sent, large, sent
from tools.fuzz.gateway import event_of, event_of_rest, serving
from tools.fuzz.judge import faults_of, faults_of_log, faults_of_problem, strict

if TYPE_CHECKING:
    from tools.fuzz.container import Container

_GOOD = Sent(PREDICT, b'{"features": [5.1, 3.5, 1.4, 0.2]}', {"content-type": "application/json"})
_EVERY_GOOD = 500
_EVERY_LARGE = 1_000
_MOST_FAULTS, _SHOWN = 50, 300
_MINUTES = 60
_CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_schema_conformance",
)  # fmt: skip
"""Of Schemathesis': what the document promises. Methods that it doesn't name, and headers that
it does, are the gateway's to refuse."""


class Run:
    """Sends requests to a container and checks the responses.

    Attributes:
        container: under test.
        statuses: counts by (source of the request, status).
        faults: the first 50 of the responses and of the log.
        counts: "5xx", "invalid JSON", "other faults", "good" and "good, failed".
        memory: MB before, at each quarter, and after.
        seconds: of the whole run.
        slowest: seconds of the slowest request.
        said: the report of Schemathesis, if it found faults.
    """

    def __init__(self, container: Container, seed: int) -> None:
        self.container = container
        self.seed = seed
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []
        self.memory: list[float] = []
        self.seconds = self.slowest = 0.0
        self.said = ""
        # The emulator runs one environment, as one connection does here.
        self._lock = threading.Lock()

    def everything(self, bodies: int, examples: int) -> None:
        """Send as many bodies, of Schemathesis first, then of our own.

        Args:
            bodies: how many in all.
            examples: of Schemathesis' for each operation; 0 for none.
        """
        started = time.monotonic()
        self._good()
        self.memory.append(self.container.memory())
        if examples:
            self._schemathesis(examples)
        random = Random(self.seed)  # noqa: S311 - to be repeated, not to be secret
        while self.sent < bodies:
            self._one(random)
            if self.sent % _EVERY_GOOD == 0:
                self._good()
            if self.sent % (bodies // 4) == 0 and self.sent < bodies:
                self.memory.append(self.container.memory())
        self._good()
        self._judge_log()
        self.memory.append(self.container.memory())
        self.seconds = time.monotonic() - started

    @property
    def sent(self) -> int:
        """The number of requests, without the valid ones in between."""
        return sum(self.statuses.values())

    def ask(self, who: str, request: Sent, *, rest: bool = False) -> None:
        """Send a request and check its response."""
        event = json.dumps(event_of_rest(request) if rest else event_of(request)).encode()
        self._asked(who, request.route, event, f"{request.headers} {request.body!r}")

    def _asked(self, who: str, route: str, event: bytes, told: str) -> bytes:
        with self._lock:
            began = time.monotonic()
            text = self.container.answer(event)
            self.slowest = max(self.slowest, time.monotonic() - began)
            answer = json.loads(text)
            status = answer.get("statusCode", 500) if isinstance(answer, dict) else 500
            self.statuses[who, status] += 1
            for fault in faults_of(route, answer):
                self._fault(fault, route, told)
        return text

    def _one(self, random: Random) -> None:
        if self.sent % _EVERY_LARGE == 0:
            self.ask("large", large(random, self.container.features))
            return
        request = sent(random, self.container.features)
        match random.randrange(10):
            case 0 if request.route == PREDICT:
                self._direct(request)
            case 1 | 2:
                self.ask("REST API 1.0", request, rest=True)
            case _:
                self.ask("HTTP API 2.0", request)

    def _direct(self, request: Sent) -> None:
        """Send a body as a direct invoke's payload, where Lambda's runtime can read it at all."""
        try:
            strict(request.body.decode())
        except (ValueError, RecursionError):
            self.ask("HTTP API 2.0", request)
            return
        answer = self.container.invoke(request.body)
        problem = answer.get("error") if isinstance(answer, dict) else None
        status = problem["status"] if isinstance(problem, dict) else 200
        self.statuses["direct invoke", status] += 1
        wrong = faults_of_problem(problem, status) if isinstance(problem, dict) else []
        if not isinstance(answer, dict) or "errorType" in answer:
            wrong = ["status 500: an exception left the handler"]
        for one in wrong:
            self._fault(one, request.route, f"direct {request.body!r}")

    def _good(self) -> None:
        """Send a request with a known response."""
        with self._lock:
            answer = self.container.send(_GOOD)
        self.counts["good"] += 1
        body = json.loads(answer["body"]) if answer.get("statusCode") == 200 else {}  # noqa: PLR2004
        if body.get("prediction", {}).get("class_name") != "setosa":
            self.counts["good, failed"] += 1
            self._fault(f"a good request was answered with {answer}", PREDICT, "")

    def _fault(self, fault: str, route: str, told: str) -> None:
        kind = "5xx" if fault.startswith("status 5") else "other faults"
        self.counts["invalid JSON" if fault.startswith("invalid JSON") else kind] += 1
        if len(self.faults) < _MOST_FAULTS:
            self.faults.append(f"{fault}; {route} {told[:_SHOWN]}")

    def _judge_log(self) -> None:
        wrong = faults_of_log(self.container.lines())
        self.counts["lines of the log at fault"] = len(wrong)
        self.faults += wrong[:_MOST_FAULTS]

    def _schemathesis(self, examples: int) -> None:
        """Let Schemathesis read /openapi.json and attack every operation in it."""

        def invoke(event: bytes) -> bytes:
            return self._asked("Schemathesis", json.loads(event)["routeKey"], event, repr(event))

        with serving(invoke, self.container.routes) as url:
            command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json"]
            command += ["--checks", ",".join(_CHECKS), "--max-examples", str(examples)]
            command += ["--phases", "examples,coverage,fuzzing", "--mode", "all"]
            command += ["--seed", str(self.seed), "--no-color", "--continue-on-failure"]
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=_MINUTES * 60, check=False
            )
        if done.returncode:
            self.said = done.stdout + done.stderr
            self.faults.append("Schemathesis found something; its report stands below")


def table(run: Run) -> str:
    """Return what a run came to."""
    makers = sorted({who for who, _ in run.statuses})
    statuses = sorted({status for _, status in run.statuses})
    head: list[object] = ["who", "requests", *statuses]
    lines: list[list[object]] = [
        [who, sum(run.statuses[who, one] for one in statuses),
         *(run.statuses[who, one] for one in statuses)]
        for who in makers
    ]  # fmt: skip
    sums = [sum(run.statuses[who, one] for who in makers) for one in statuses]
    lines.append(["all", run.sent, *sums])
    rows: list[list[object]] = [head, ["---"] * len(head), *lines]
    text = ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    counts = ("5xx", "invalid JSON", "other faults", "lines of the log at fault")
    text += ["", *(f"{name}: {run.counts[name]}" for name in counts)]
    text += [
        f"good requests in between: {run.counts['good']}, failed {run.counts['good, failed']}",
        f"memory from beginning to end: {', '.join(f'{one:.0f}' for one in run.memory)} MB",
        f"slowest request: {run.slowest * 1000:.0f} ms; all in {run.seconds:.0f} s",
        *run.faults,
        run.said,
    ]
    return "\n".join(text)

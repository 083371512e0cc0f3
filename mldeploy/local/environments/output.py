"""An environment's output, line by line between START and END, and REPORT."""

import math
import os
import select
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from mldeploy.facts.quotas import LOG_EVENT_BYTES

Log = Callable[[str], None]

OF_THE_CLIENT = ("[ERROR]", "[WARNING]")
"""Prefixes of the runtime client's own lines of a failed start."""


@dataclass(frozen=True)
class Report:
    """Lambda's REPORT of a request.

    Attributes:
        request_id: of the request.
        milliseconds: its duration.
        memory: of the function, MB.
        used: maximum memory used, MB.
        init: duration of the start in milliseconds, for the first request.
    """

    request_id: str
    milliseconds: float
    memory: int
    used: int
    init: float | None = None

    def lines(self) -> tuple[str, str]:
        """Return END and REPORT.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html
        """
        return f"END RequestId: {self.request_id}", (
            f"REPORT RequestId: {self.request_id}\tDuration: {self.milliseconds:.2f} ms\t"
            f"Billed Duration: {math.ceil(self.milliseconds + (self.init or 0))} ms\t"
            f"Memory Size: {self.memory} MB\tMax Memory Used: {self.used} MB"
            + (f"\tInit Duration: {self.init:.2f} ms" if self.init else "")
        )


def start_line(request_id: str, version: str) -> str:
    """Return Lambda's line at the beginning of a request."""
    return f"START RequestId: {request_id} Version: {version}"


def timeout_line(request_id: str, seconds: float) -> str:
    """Return Lambda's line for a request that timed out."""
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    return f"{now}Z {request_id} Task timed out after {seconds:.2f} seconds"


class Output:
    """Reads a pipe in its own thread.

    Lines are buffered until the start has succeeded, because mldeploy reports failed starts.
    """

    def __init__(self, pipe: int, log: Log) -> None:
        self._pipe = pipe
        self._log = log
        self._lock = threading.Lock()
        self._rest = b""
        self._held: list[str] | None = []
        self._open = True
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def release(self, *, failed: bool = False) -> None:
        """Pass on the buffered lines; for a failed start without the runtime client's lines."""
        self.drain()
        with self._lock:
            held, self._held = self._held or [], None
            for line in held:
                if not (failed and line.startswith(OF_THE_CLIENT)):
                    self._log(line.replace("\r", "\n"))

    def drain(self) -> None:
        """Read the available output."""
        with self._lock:
            self._read()

    def join(self) -> None:
        """Wait for the output of an ended process."""
        self._thread.join(timeout=1)

    def _follow(self) -> None:
        while True:
            select.select([self._pipe], [], [])
            with self._lock:
                if not self._read():
                    self._open = False
                    os.close(self._pipe)
                    return

    def _read(self) -> bool:
        """Read without waiting; return False at the end."""
        while self._open and select.select([self._pipe], [], [], 0)[0]:
            found = os.read(self._pipe, 65536)
            if not found:
                self._pass_on([self._rest] if self._rest else [])
                self._rest = b""
                return False
            *lines, self._rest = (self._rest + found).split(b"\n")
            self._pass_on(lines)
            if len(self._rest) > LOG_EVENT_BYTES:
                self._pass_on([self._rest])
                self._rest = b""
        return self._open

    def _pass_on(self, lines: list[bytes]) -> None:
        for line in lines:
            text = line.decode("utf-8", "replace")
            if self._held is not None:
                self._held.append(text)
            else:
                # The runtime client joins the lines of a traceback so that CloudWatch keeps them
                # together.
                self._log(text.replace("\r", "\n"))

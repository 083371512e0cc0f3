"""A container's log, with its lines ordered as in Lambda."""

import time
from threading import Condition

from mldeploy.images.docker.running import read_line
from mldeploy.local.environments.output import OF_THE_CLIENT, Log, start_line

_COMES = 2.0
"""Seconds to wait for the lines of a finished request."""
_QUIET = 0.1
"""Seconds without a line after which no more are expected."""


class ContainerLog:
    """Passes on the function's output, with START before it.

    The two streams of a container aren't synchronized, so a line may arrive before START or after
    END. Lines before START are buffered, and so are all lines until the start has succeeded.

    Args:
        log: receives the lines.
        version: of the function.

    Attributes:
        gone: whether the log has ended.
    """

    def __init__(self, log: Log, version: str) -> None:
        self._log, self._version = log, version
        self._changed = Condition()
        self._held: list[str] | None = []
        self._starting = True
        self._number = ""
        self._ended = self.gone = self._silent = self._muted = False
        self._last = 0.0

    def take(self, text: str) -> None:
        """Process a line of the container."""
        line = read_line(text)
        with self._changed:
            if self._muted:
                return
            self._last, self._silent = time.monotonic(), False
            if line.own is not None:
                self._pass_on(line.own)
            if line.mark == "START":
                self._number = line.request_id
                if not self._starting:
                    self._log(start_line(self._number, self._version))
                    self._flush()
            elif line.mark == "END" and line.request_id == self._number:
                self._ended = True
            self._changed.notify_all()

    def release(self, *, failed: bool = False) -> None:
        """Pass on the output of a start; for a failed one without the runtime client's lines."""
        self._wait(clean=not failed)
        with self._changed:
            if failed and self._held:
                self._held = [one for one in self._held if not one.startswith(OF_THE_CLIENT)]
            self._flush()
            self._starting = False

    def expect(self) -> None:
        """Prepare for the next request."""
        with self._changed:
            self._held, self._number, self._ended = [], "", False

    def finish(self, *, clean: bool) -> str:
        """Wait for the lines of a finished request; return its id, or "".

        Args:
            clean: whether the emulator will write END.
        """
        self._wait(clean=clean)
        with self._changed:
            self._flush()
            return self._number

    def mute(self) -> None:
        """Stop passing on lines, because a container that is being removed only logs that."""
        with self._changed:
            self._muted = True

    def end(self) -> None:
        """Note that the log has ended."""
        with self._changed:
            self.gone = True
            self._changed.notify_all()

    def _wait(self, *, clean: bool) -> None:
        began = time.monotonic()
        with self._changed:
            if self._silent:
                return
            while (now := time.monotonic()) < began + _COMES and not self.gone:
                quiet = now - max(self._last, began) > _QUIET
                if self._ended if clean else quiet:
                    return
                self._changed.wait(_QUIET / 2)
            if clean and not self._number and not self.gone:
                self._silent = True  # each request would wait as long
                self._log(
                    "the Docker engine doesn't answer, so the function's log lines are missing"
                )

    def _pass_on(self, line: str) -> None:
        if self._held is not None:
            self._held.append(line)
        else:
            # The runtime client joins a traceback's lines for CloudWatch.
            self._log(line.replace("\r", "\n"))

    def _flush(self) -> None:
        held, self._held = self._held or [], None
        for line in held:
            self._log(line.replace("\r", "\n"))

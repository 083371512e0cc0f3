"""A container's log, its lines put where Lambda would have them."""

import time
from threading import Condition

from mldeploy.images.docker.running import read_line
from mldeploy.local.environments.output import OF_THE_CLIENT, Log, start_line

_COMES = 2.0
"""Seconds that the engine may take to bring the lines of a request that has been answered."""
_QUIET = 0.1
"""Seconds without a line after which no more of them are expected."""


class ContainerLog:
    """Passes on what the function prints, with START before it.

    The two streams of a container come side by side: a line may come before START, or after END.
    What comes before START is held back; so is everything until the start has succeeded.

    Args:
        log: takes the lines.
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
        """Take a line of the container's."""
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
        """Pass on what a start printed; of one that failed without the runtime client's lines."""
        self._wait(clean=not failed)
        with self._changed:
            if failed and self._held:
                self._held = [one for one in self._held if not one.startswith(OF_THE_CLIENT)]
            self._flush()
            self._starting = False

    def expect(self) -> None:
        """Be ready for the next request."""
        with self._changed:
            self._held, self._number, self._ended = [], "", False

    def finish(self, *, clean: bool) -> str:
        """Wait for the lines of a request that was answered; returns its id, or "" without one.

        Args:
            clean: whether the emulator will say END.
        """
        self._wait(clean=clean)
        with self._changed:
            self._flush()
            return self._number

    def mute(self) -> None:
        """Pass on nothing more: a container that is removed would only tell of that."""
        with self._changed:
            self._muted = True

    def end(self) -> None:
        """Take note that there will be no more."""
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
            # The runtime client joins a traceback's lines, as CloudWatch wants them.
            self._log(line.replace("\r", "\n"))

    def _flush(self) -> None:
        held, self._held = self._held or [], None
        for line in held:
            self._log(line.replace("\r", "\n"))

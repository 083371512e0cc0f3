"""The entry point. Handles `--help` and `--version` before importing anything."""

import os
import signal
import sys
import time
from contextlib import suppress
from typing import NoReturn

_INTERRUPTED = 130
_PATIENCE = 10.0
"""Seconds for the cleanup, during which further signals are ignored."""


class Interruption:
    """Handles SIGINT and SIGTERM, which ends CI jobs: the first signal interrupts the command.

    Later signals don't interrupt the cleanup, unless it takes too long.
    """

    def __init__(self) -> None:
        self._first: float | None = None
        self._raises = False
        for number in (signal.SIGINT, signal.SIGTERM):
            # The parent may have disabled it, as shells do in the background.
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._hear)

    def take(self) -> None:
        """From now on the first one raises KeyboardInterrupt; at once if it has come already."""
        self._raises = True
        if self._first is not None:
            raise KeyboardInterrupt

    def _hear(self, *_: object) -> None:
        now = time.monotonic()
        if self._first is not None and now - self._first > _PATIENCE:
            os._exit(_INTERRUPTED)
        if self._first is None:
            self._first = now
            if self._raises:
                raise KeyboardInterrupt


def main() -> int:
    """Run the command line and return its exit code."""
    arguments = sys.argv[1:]
    if arguments in ([], ["--help"], ["-h"], ["help"], ["help", "help"]):
        from mldeploy.cli.commands import overview

        sys.stdout.write(overview())
        return 0
    if arguments in (["--version"], ["version"]):
        from mldeploy import __version__

        sys.stdout.write(f"mldeploy {__version__}\n")
        return 0
    if arguments[:1] == ["--complete"]:
        from mldeploy.cli.completing import answer

        sys.stdout.write(answer(arguments[1:]))
        return 0
    interruption = Interruption()
    from mldeploy.cli.app import interrupted, run

    try:
        interruption.take()
        code = run(arguments)
    except KeyboardInterrupt:  # outside of what `run` catches
        code = interrupted(arguments)
    if code == _INTERRUPTED:
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """End the process without Python's own shutdown.

    During the shutdown a further signal would kill the process, and Python exits with SIGINT if a
    KeyboardInterrupt has passed through `exec`, even if caught (CPython, `run_eval_code_obj`).
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())

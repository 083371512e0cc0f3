"""The entry point. `--help` and `--version` are answered here, before anything is imported."""

import os
import signal
import sys
import time
from contextlib import suppress
from typing import NoReturn

_INTERRUPTED = 130
_PATIENCE = 10.0
"""Seconds for which what was begun is tidied up, whoever is impatient."""


class Interruption:
    """SIGINT and SIGTERM, which ends CI's jobs: the first of them interrupts the command.

    What comes after it doesn't disturb the tidying up, unless that takes too long.
    """

    def __init__(self) -> None:
        self._first: float | None = None
        self._raises = False
        for number in (signal.SIGINT, signal.SIGTERM):
            # Whoever started us may have switched it off, as a shell does in the background.
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
    if arguments in ([], ["--help"], ["-h"], ["help"]):
        from mldeploy.cli.commands import overview

        sys.stdout.write(overview())
        return 0
    if arguments in (["--version"], ["version"]):
        from mldeploy import __version__

        sys.stdout.write(f"mldeploy {__version__}\n")
        return 0
    interruption = Interruption()
    from mldeploy.cli.app import interrupted, run

    try:
        interruption.take()
        code = run(arguments)
    except KeyboardInterrupt:  # beside what `run` guards
        code = interrupted(arguments)
    if code == _INTERRUPTED:
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """End the process, past Python's own end.

    That would let a further signal kill the process, and dies of SIGINT where a KeyboardInterrupt
    has passed through `exec`, though it was caught (CPython, `run_eval_code_obj`).
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())

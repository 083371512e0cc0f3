"""Processes that a function started and that left its group, as daemons do.

In Lambda they end with the environment, whatever they did; here they'd outlive `serve`.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path


def kill(variable: str, value: str) -> None:
    """Kill every process that was started with this variable: children inherit it."""
    mark = f"{variable}={value}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        # Others' processes can't be read, and any may end meanwhile.
        with suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)

"""Processes of a function that have left its process group, as daemons do.

In Lambda they end with the environment; here they would outlive `serve`.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path


def kill(variable: str, value: str) -> None:
    """Kill every process with this variable, which children inherit."""
    mark = f"{variable}={value}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        # Other users' processes can't be read, and any may end in the meantime.
        with suppress(OSError):
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                os.kill(int(folder.name), signal.SIGKILL)

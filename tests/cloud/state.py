"""Shared parts of the local cloud: a state folder, free ports, waiting, programs."""

from __future__ import annotations

import argparse
import os
import platform
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

LOOPBACK = "127.0.0.1"


class CloudError(Exception):
    """Raised if a part of the local cloud is unavailable; the text contains reason and fix."""


def run_action(actions: Mapping[str, Callable[[], str]], about: str, what: str) -> int:
    """Run the command line's action and print the result; return an exit code.

    Args:
        actions: by name.
        about: the help text.
        what: their subject, for errors.
    """
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("action", choices=actions)
    try:
        print(actions[parser.parse_args().action]())
    except CloudError as error:
        print(f"{what}: {error}", file=sys.stderr)
        return 1
    return 0


def state_dir() -> Path:
    """Return the folder for logs, pid files, caches: `MLDEPLOY_CLOUD_DIR` or one in the cache."""
    chosen = os.environ.get("MLDEPLOY_CLOUD_DIR")
    folder = Path(chosen) if chosen else Path.home() / ".cache" / "mldeploy-cloud"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def free_port() -> int:
    """Return a currently free loopback port."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def wait_until(answers: Callable[[], bool], *, seconds: float, alive: Callable[[], bool]) -> bool:
    """Poll `answers` until it is true, the time is over, or `alive` is false."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answers():
            return True
        if not alive():
            return False
        time.sleep(0.1)
    return False


def run(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> str:
    """Run a program and return its stdout.

    Raises:
        CloudError: it failed; the message has the command and the end of its output.
    """
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    except FileNotFoundError:
        raise CloudError(f"{words[0]} is not installed") from None
    if done.returncode:
        output = tail((done.stdout + done.stderr).strip())
        raise CloudError(f"`{' '.join(words)}` ended with {done.returncode}:\n{output}")
    return done.stdout


def tail(text: str, lines: int = 15) -> str:
    """Return the last lines of a log."""
    return "\n".join(text.splitlines()[-lines:])


def stop_process(process: subprocess.Popen[bytes], *, seconds: float = 10) -> None:
    """End a child that we started: politely first, for good after `seconds`."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def machine() -> str:
    """Return this machine's architecture by Lambda's names, `x86_64` or `arm64`."""
    return {"aarch64": "arm64", "amd64": "x86_64"}.get(platform.machine(), platform.machine())

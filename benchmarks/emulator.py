"""An emulated AWS on loopback, seen from the benchmark: its address, its delay, its calls."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import neutral_environment

CONTROL = "/_benchmark/"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "benchmark",
    "AWS_SECRET_ACCESS_KEY": "benchmark",
    "AWS_SESSION_TOKEN": "",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
_READS = ("BatchCheck", "BatchGet", "Describe", "GET ", "Get", "HEAD ", "List", "Validate")


@dataclass(frozen=True)
class Emulator:
    """A running emulator, as the benchmark's process sees it."""

    endpoint: str
    state: Path

    def environment(self, region: str = "eu-central-1") -> dict[str, str]:
        """Return the variables that send any AWS program to the emulator."""
        return {
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "XDG_STATE_HOME": str(self.state),
        }

    def round_trip(self, seconds: float) -> None:
        """Make all further calls take at least this long."""
        self._ask(f"round-trip?{seconds}")

    def quotas(self, speed: float = 1.0) -> Counter[str]:
        """Apply AWS's quotas from now on, as after a quiet minute; return the rejected calls.

        Args:
            speed: of the clock by which calls per second are counted; 0 for no quotas.
        """
        return Counter(json.loads(self._ask(f"quotas?{speed}")))

    def calls(self) -> Counter[str]:
        """Return the calls since the last call of this: "ecr:PutImage", "lambda:GET /2015…"."""
        return Counter(json.loads(self._ask("calls")))

    def _ask(self, path: str) -> bytes:
        with urllib.request.urlopen(self.endpoint + CONTROL + path, timeout=10) as answer:  # noqa: S310 - loopback
            return bytes(answer.read())


def mutating(calls: Mapping[str, int]) -> list[str]:
    """Return the calls that may change something: those without a read-only name."""
    return [call for call in calls if not call.partition(":")[2].startswith(_READS)]


@contextmanager
def emulator() -> Iterator[Emulator]:
    """Start an emulator on a free loopback port, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.moto_process", "--port", str(port)]
    # Whatever moto itself might call, it has no credentials for the real AWS.
    server = subprocess.Popen(
        command,
        cwd=Path(__file__).parent.parent,
        env={**neutral_environment(), **CREDENTIALS},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with TemporaryDirectory() as state:
        running = Emulator(f"http://127.0.0.1:{port}", Path(state))
        try:
            _wait(running, server)
            yield running
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(10)


def _wait(running: Emulator, server: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and server.poll() is None:
        try:
            running.calls()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("moto's server didn't start; try `python -m benchmarks.moto_process`")

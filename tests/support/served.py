"""`mldeploy serve` in a process of its own, as a user runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3

from tests.support.projects import write_project

_PATIENCE = 60.0


@dataclass
class Served:
    """A running `serve`.

    Attributes:
        process: its process.
        url: the first, from stdout.
        log: the file that stderr goes to.
    """

    process: "subprocess.Popen[str]"
    url: str
    log: Path

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return urlsplit(self.url).port or 0

    def ask(self, path: str, payload: Any = None, method: str = "POST", **more: Any) -> Any:
        """Send a request; returns urllib3's response."""
        return urllib3.request(
            method,
            f"http://127.0.0.1:{self.port}{path}",
            json={} if payload is None else payload,
            retries=False,
            timeout=_PATIENCE,
            **more,
        )

    def send(self, path: str, body: bytes, content_type: str = "application/json") -> Any:
        """Send a body as it is; returns urllib3's response."""
        return urllib3.request(
            "POST",
            f"http://127.0.0.1:{self.port}{path}",
            body=body,
            headers={"content-type": content_type},
            retries=False,
            timeout=_PATIENCE,
        )

    def answers(self, path: str, payload: Any = None) -> bool:
        """Send a request; tells whether an answer came at all."""
        try:
            self.ask(path, payload)
        except urllib3.exceptions.HTTPError:
            return False
        return True

    def said(self, text: str) -> bool:
        """Tell whether stderr has a text by now."""
        return text in self.log.read_text()

    def interrupt(self) -> int:
        """Press Ctrl-C; returns the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(_PATIENCE)


def until(condition: Callable[[], Any]) -> None:
    """Wait until a condition holds; fails after a minute."""
    last = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < last, "it never came to that"
        time.sleep(0.02)


@contextmanager
def serving(
    root: Path, *options: str, ready: bool = True, variables: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Serve a project; ends with it, at the latest. `ready`: whether to wait until it listens."""
    log, scratch = root / "stderr.txt", root / "tmp"
    scratch.mkdir()
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "mldeploy", "serve", *options],
            cwd=root,
            env={**os.environ, **(variables or {}), "TMPDIR": str(scratch)},
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            # Whoever runs the tests in the background has switched Ctrl-C off for them.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
    try:
        assert process.stdout is not None
        yield Served(process, process.stdout.readline().strip() if ready else "", log)
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(one) for one in listed.stdout.split()]


def runs(pid: int) -> bool:
    """Tell whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


CONFIG = """\
[project]
name = "tiny"
[image]
include = ["tiny.py", "helper.py"]
[functions.echo]
handler = "tiny:handle"
route = "ANY /echo/{path+}"
[functions.other]
handler = "tiny:other"
route = "POST /other"
timeout = 1
environment = {MINE = "of the file"}
[api]
auth = "none"
rate = 100000
burst = 100000
"""

TINY = """\
import os, time
import helper

def handle(event, context):
    return {"value": helper.VALUE, "release": os.environ["MLDEPLOY_RELEASE"],
            "path": event["pathParameters"]["path"], "pid": os.getpid()}

def other(event, context):
    if "sleep" in event["body"]:
        time.sleep(60)
    return {"statusCode": 201, "cookies": ["a=1", "b=2"], "body": os.environ["MINE"]}
"""


def tiny_project(root: Path, config: str = CONFIG) -> Path:
    """Write a project whose handlers need no library; nobody trained its bundle."""
    write_project(root, config)
    (root / "tiny.py").write_text(TINY)
    (root / "helper.py").write_text("VALUE = 1\n")
    return root


def payload(response: Any) -> Any:
    """Return a response's JSON."""
    return json.loads(response.data)

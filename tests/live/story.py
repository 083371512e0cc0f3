"""What both live suites work with: a project of their own, and the real command."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import urllib3

from tests.support.envelopes import held

BODY = {"features": [5.1, 3.5, 1.4, 0.2]}


class Story:
    """A project and its endpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = ""

    def run(self, *arguments: str, environment: dict[str, str] | None = None) -> Any:
        """Run the real command with -o json; return its result."""
        done = subprocess.run(
            [sys.executable, "-m", "mldeploy", *arguments, "-o", "json"],
            cwd=self.folder,
            env={**os.environ, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return held(json.loads(done.stdout))["result"]

    def ask(self) -> Any:
        """Send a request; return the answer's model."""
        answer = urllib3.request("POST", self.url, json=BODY, retries=False, timeout=35)
        assert answer.status == 200, answer.data
        return answer.json()["model"]


@contextmanager
def project(folder: Path) -> Iterator[Story]:
    """Give a scaffolded project under a name that nobody else has; destroy it whatever happens."""
    name = f"live-{secrets.token_hex(4)}"
    found = Story(folder / name)
    found.folder.mkdir()
    found.run("init", ".", "--yes", "--auth", "none", "--name", name)
    try:
        yield found
    finally:
        found.run("destroy", "--confirm", name)
    assert not found.run("status")["deployed"]

"""The whole workflow on this machine: `make demo`.

A model is trained, deployed to the embedded AWS, called over HTTP, changed, deployed again and
rolled back. With a Docker engine and a base image the functions run as containers of the real
image, otherwise as processes in a copy of its files. The demo prints which.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

from tests.cloud import base_image, engine
from tests.cloud.state import CloudError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "iris"
BEFORE, AFTER = "n_neighbors=5", "n_neighbors=9"
NEXT = """
Nothing of it is left running. What to type next:

  mldeploy init my-model && cd my-model    # or: --help
  mldeploy train
  mldeploy serve                           # the HTTP API on this machine, reloaded as you work
  mldeploy deploy --target local           # what you have just seen
  mldeploy deploy                          # the same on AWS, with your credentials
"""


class DemoError(Exception):
    """Raised if a step failed; the text says which."""


class Shell:
    """Runs mldeploy's commands as a reader would type them, each shown before it runs."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.environment = dict(environment)

    def mldeploy(self, *arguments: str) -> str:
        """Run a command in the project's folder and return its result, which is also shown.

        Raises:
            DemoError: it failed.
        """
        self.show("mldeploy", *arguments)
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "mldeploy", *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # progress goes to stderr, which isn't captured
            text=True,
            check=False,
        )
        print(done.stdout, end="")
        if done.returncode:
            raise DemoError(f"`mldeploy {arguments[0]}` ended with {done.returncode}")
        print(f"  ({time.monotonic() - began:.1f} s)", flush=True)
        return done.stdout.strip()

    @staticmethod
    def show(*words: str) -> None:
        """Print a command as a shell would have it."""
        print(f"\n$ {shlex.join(words)}", flush=True)


def missing_part() -> str | None:
    """Return why this machine can't run the real image, or None."""
    try:
        engine.status()
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        print(base_image.ensure(version), flush=True)
    except CloudError as error:
        return str(error)
    return None


def demo(shell: Shell, missing: str | None) -> None:
    """Deploy, call, change, deploy again, roll back, destroy.

    Raises:
        DemoError: a step failed, or a response isn't a prediction.
    """
    shell.mldeploy("init", ".", "--yes", "--auth", "none", "--name", NAME)
    shell.mldeploy("train")
    shell.mldeploy("local", "start", "--functions", "process" if missing else "container")
    shell.mldeploy("plan", "--target", "local")
    url = shell.mldeploy("deploy", "--target", "local").splitlines()[-1]
    shell.mldeploy("invoke", "--target", "local")
    ask(shell, url)

    shell.show("sed", "-i", f"s/{BEFORE}/{AFTER}/", "train.py")
    module = shell.folder / "train.py"
    module.write_text(module.read_text().replace(BEFORE, AFTER))
    shell.mldeploy("train")
    shell.mldeploy("plan", "--target", "local")
    shell.mldeploy("deploy", "--target", "local")
    shell.mldeploy("releases", "--target", "local")
    shell.mldeploy("plan", "--target", "local")
    shell.mldeploy("rollback", "--target", "local")
    ask(shell, url)
    shell.mldeploy("destroy", "--target", "local")


def ask(shell: Shell, url: str) -> None:
    """Ask the endpoint over HTTP.

    Raises:
        DemoError: it gave no prediction.
    """
    body = json.loads((shell.folder / "events" / "event.json").read_text())["body"]
    shell.show("curl", "--json", body, url)
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(url, data=body.encode(), headers=headers)  # noqa: S310 - http
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310 - http
            print(f"HTTP {reply.status}: {reply.read().decode()}")
    except OSError as error:
        raise DemoError(f"the endpoint gave no prediction: {error}") from error


def main() -> int:
    """Run the demo in its own folder with its own embedded AWS."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mldeploy-demo-") as scratch:
        folder = Path(scratch) / NAME
        folder.mkdir()
        shell = Shell(folder, {**os.environ, "MLDEPLOY_LOCAL_DIR": str(Path(scratch) / "local")})
        missing = missing_part()
        try:
            demo(shell, missing)
        except DemoError as error:
            print(f"\ndemo: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
        finally:
            shell.mldeploy("local", "stop")
    print(f"\nThat was the whole job in {time.monotonic() - began:.0f} s, on an emulated AWS:")
    print("its API was moto's, its gateway mldeploy's, and the functions ran as", end=" ")
    if missing is None:
        print("containers of the image that was built, held to Lambda's rules.")
    else:
        print("processes in a copy of what the image would hold.")
        print(f"The image itself was left out. Why: {missing}")
    print(NEXT)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The main job from beginning to end on what this machine has: `make demo`.

With a Docker engine and a base image, a model is trained, built, pushed, deployed and asked over
HTTP, on an emulated AWS on loopback. Without, everything that needs neither is shown, and what was
left out is said.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tools.cloud import base_image, engine
from tools.cloud.cloud import Cloud, running_cloud
from tools.cloud.state import CloudError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "iris"


class DemoError(Exception):
    """A step went wrong; the text says which."""


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
            stdout=subprocess.PIPE,  # progress goes to stderr, which stays the reader's
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
    """Return what keeps this machine from the whole job, or None."""
    try:
        engine.status()
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        print(base_image.ensure(version), flush=True)
    except CloudError as error:
        return str(error)
    return None


def make_project(shell: Shell) -> None:
    """Scaffold and train: neither needs Docker or AWS."""
    shell.mldeploy("init", ".", "--yes", "--name", NAME)
    shell.mldeploy("train")


def whole_job(shell: Shell, cloud: Cloud) -> None:
    """Build, push, deploy and ask the model; then remove everything.

    Raises:
        DemoError: a command failed or the answer isn't a prediction.
    """
    shell.mldeploy("build")
    shell.mldeploy("push")
    shell.mldeploy("plan")
    url = shell.mldeploy("deploy", "--yes").splitlines()[-1]
    shell.mldeploy("invoke")

    event = json.loads((shell.folder / "events" / "event.json").read_text())
    body = event["body"]
    shell.show("curl", "--json", body, url)
    status, answer = cloud.open(url, body.encode())
    print(f"HTTP {status}: {answer.decode()}")
    if status != 200:  # noqa: PLR2004 - HTTP OK
        raise DemoError("the endpoint gave no prediction")

    shell.mldeploy("status")
    shell.mldeploy("destroy", "--confirm", NAME)


def demo(folder: Path) -> None:
    """Run as much as this machine can, and say what that was.

    Raises:
        DemoError: a step went wrong.
        CloudError: the emulated AWS can't be had.
    """
    missing = missing_part()
    shell = Shell(folder, os.environ)
    make_project(shell)
    with running_cloud() as cloud:
        shell.environment = cloud.environment()
        if missing is None:
            whole_job(shell, cloud)
            print("\nThat was the whole job, on an emulated AWS; nothing of it is left running.")
        else:
            shell.mldeploy("plan")
            print(
                "\nLeft out: build, push, deploy, invoke, status, destroy. "
                "They need a Docker engine and AWS's Python base image.\n"
                f"Why not here: {missing}"
            )


def main() -> int:
    """Run the demonstration in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="mldeploy-demo-") as scratch:
        folder = Path(scratch) / NAME
        folder.mkdir()
        try:
            demo(folder)
        except (DemoError, CloudError) as error:
            print(f"\ndemo: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

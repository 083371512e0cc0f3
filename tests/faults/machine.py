"""A tiny project and an embedded AWS, and the real command in a process that gets a signal."""

import io
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mldeploy.cli.app import run
from tests.support.account import isolated
from tests.support.embedded import client_of, own_cloud
from tests.support.served import tiny_project

_HOOK = Path(__file__).parent / "hook"
_PATIENCE = 120.0
_CONFIG = """\
[project]
name = "tiny"
region = "eu-central-1"
[image]
include = ["tiny.py", "helper.py"]
[functions.echo]
handler = "tiny:handle"
route = "ANY /echo/{path+}"
[api]
auth = "none"
rate = 100000
burst = 100000
"""


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: negative for a signal's number.
        envelope: what it wrote to stdout; empty if nothing.
        stderr: as it is.
        left: processes that it left behind, and files in its temporary folder.
        calls: to AWS; 0 if it was killed.
    """

    code: int
    envelope: dict[str, Any]
    stderr: str
    left: list[str]
    calls: int


@dataclass
class Machine:
    """A project's folder, and where it stands.

    Attributes:
        root: the folder.
        scratch: the temporary folder of the processes.
        value: what the project's code answers.
    """

    root: Path
    scratch: Path
    value: int = 1

    def change(self) -> None:
        """Write code that answers otherwise: another image."""
        self.value += 1
        (self.root / "helper.py").write_text(f"VALUE = {self.value}\n")

    def process(self, command: tuple[str, ...], call: int = 0, number: int = 0) -> Ended:
        """Run a command in a process of its own, which gets a signal at a call, 0 for none."""
        counted = self.root / "calls.txt"
        process = subprocess.Popen(
            [sys.executable, "-m", "mldeploy", *command, "-o", "json"],
            cwd=self.root,
            env={
                **os.environ,
                "MLDEPLOY_KILL": f"{call} {number} {counted}",
                "PYTHONPATH": str(_HOOK),
                "TMPDIR": str(self.scratch),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # Whoever runs the trials in the background has switched Ctrl-C off for them.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        try:
            out, err = process.communicate(timeout=_PATIENCE)
        finally:
            process.kill()
        calls = int(counted.read_text()) if counted.exists() else 0
        counted.unlink(missing_ok=True)
        left = [*_session(process.pid), *(str(one) for one in self.scratch.iterdir())]
        return Ended(process.returncode, json.loads(out or "{}"), err, left, calls)


def take(*command: str) -> dict[str, Any]:
    """Run a command in this process, undisturbed; return its result.

    Raises:
        AssertionError: it failed.
    """
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        code = run([*command, "-o", "json"])
    found = json.loads(out.getvalue())
    assert code == 0, f"exit {code}: {json.dumps(found.get('error'))}"
    result: dict[str, Any] = found["result"]
    return result


def _session(leader: int) -> list[str]:
    """Return the command lines of a session's processes."""
    listed = subprocess.run(
        ["ps", "-o", "args=", "-s", str(leader)], capture_output=True, text=True, check=False
    )
    return listed.stdout.splitlines()


def census() -> Counter[str]:
    """Count what there is of the project, by kind."""
    functions, gateway = client_of("lambda"), client_of("apigatewayv2")
    found: Counter[str] = Counter()
    for one in functions.list_functions()["Functions"]:
        name = one["FunctionName"]
        aliases = functions.list_aliases(FunctionName=name)["Aliases"]
        found += Counter(function=1, alias=len(aliases))
        for alias in aliases:
            policy = functions.get_policy(FunctionName=name, Qualifier=alias["Name"])["Policy"]
            found["permission"] += len(json.loads(policy)["Statement"])
    for api in gateway.get_apis()["Items"]:
        which = {"ApiId": api["ApiId"]}
        found["api"] += 1
        found["route"] += len(gateway.get_routes(**which)["Items"])
        found["integration"] += len(gateway.get_integrations(**which)["Items"])
    found["role"] = len(client_of("iam").list_roles()["Roles"])
    found["log group"] = len(client_of("logs").describe_log_groups()["logGroups"])
    found["repository"] = len(client_of("ecr").describe_repositories()["repositories"])
    return +found


@contextmanager
def machine() -> Iterator[Machine]:
    """Begin: nothing is deployed."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        isolated(patch, Path(folder))
        patch.setenv("MLDEPLOY_TARGET", "local")
        scratch = Path(folder) / "scratch"
        scratch.mkdir()
        with own_cloud(Path(folder) / "local"):
            found = Machine(tiny_project(Path(folder) / "tiny", _CONFIG), scratch)
            patch.chdir(found.root)
            take("local", "start", "--functions", "process")
            yield found

"""A tiny project and an embedded AWS, and the real command in a process that gets a signal."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import mldeploy
from mldeploy.aws.emulated import emulated_session
from mldeploy.cli.app import run
from mldeploy.deploy.outside import Outside
from tests.faults.one_session import one_session
from tests.faults.operations import Step
from tests.support.account import isolated
from tests.support.canaries import ENVIRONMENT, IN_FILE, SHELL, set_canaries
from tests.support.embedded import client_of, own_cloud
from tests.support.projects import write_bundle, write_project
from tests.support.served import until

_HOOK = Path(__file__).parent / "hook"
_PACKAGE = Path(mldeploy.__file__).parents[1]
_PATIENCE = 120.0
_OUTSIDE = Outside(emulated=one_session(emulated_session))
_MORE = """
[image]
include = ["tiny.py"]
"""
_CODE = """\
from pathlib import Path

MODEL = (Path(__file__).parent / "model" / "model.joblib").read_text()


def handle(event, context):
    return f"{MODEL}, {context.memory_limit_in_mb} MB"
"""
"""It needs no library, and says which release answers."""


@dataclass(frozen=True)
class Ended:
    """How a process ended.

    Attributes:
        code: negative for a signal's number.
        envelope: what it wrote to stdout; empty if nothing.
        stderr: as it is.
        left: processes that it left behind, and files in its temporary folder.
        calls: to AWS; 0 if it was killed.
        seen: the command lines of its session and its temporary files when it got the signal.
    """

    code: int
    envelope: dict[str, Any]
    stderr: str
    left: list[str]
    calls: int
    seen: str


@dataclass
class Machine:
    """A project's folder, and where it stands.

    Attributes:
        root: the folder.
        folder: around it.
    """

    root: Path
    folder: Path

    def start(self) -> None:
        """Begin with an embedded AWS that holds nothing but the secrets' values."""
        take("local", "stop")
        take("local", "start", "--functions", "process")
        for name, value in (("password", SHELL["PASSWORD"]), ("key", SHELL["SIGNING_KEY"])):
            client_of("ssm").put_parameter(Name=f"/iris/{name}", Value=value, Type="SecureString")
        token = json.dumps({"token": IN_FILE["TOKEN"]})
        client_of("secretsmanager").create_secret(Name="iris/api", SecretString=token)

    def write(self, step: Step) -> None:
        """Write the project that a step is done in."""
        write_project(self.root, _tiny(step.config), step.model)
        if step.wine:
            write_bundle(self.root / "models/wine", step.wine)

    def process(
        self, command: tuple[str, ...], call: int = 0, number: int = 0, *, again: bool = False
    ) -> Ended:
        """Run a command in a process of its own.

        Args:
            command: which.
            call: at which it gets a signal, 0 for none.
            number: the signal's.
            again: whether it goes on getting it, until it has ended.
        """
        counted, scratch = self.folder / "calls.txt", self.folder / "scratch"
        process = subprocess.Popen(
            [sys.executable, "-m", "mldeploy", *command, "-o", "json", "--debug"],
            cwd=self.root,
            env={
                **os.environ,
                "MLDEPLOY_KILL": f"{call} {number} {counted}",
                "PYTHONPATH": f"{_HOOK}{os.pathsep}{_PACKAGE}",
                # Compiling takes as long as all the rest, where a machine keeps nothing compiled.
                "PYTHONPYCACHEPREFIX": str(self.folder / "compiled"),
                "PYTHONDONTWRITEBYTECODE": "",
                "TMPDIR": str(scratch),
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
            if again:
                until(lambda: _pressed(process, number, counted.with_suffix(".seen")))
            out, err = process.communicate(timeout=_PATIENCE)
        finally:
            process.kill()
        calls, seen = _taken(counted), _taken(counted.with_suffix(".seen"))
        left = [*_session(process.pid), *(str(one) for one in scratch.iterdir())]
        envelope = json.loads(out or "{}")
        return Ended(process.returncode, envelope, err, left, int(calls or 0), seen)

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the name and the content of whatever a command has written beside the project.

        Logs, temporary files, the embedded AWS's images and labels.
        """
        for folder in ("scratch", "iris/logs", "local"):
            for one in (self.folder / folder).rglob("*"):
                if one.is_file():
                    yield str(one), one.read_text(errors="replace")


def _tiny(config: str) -> str:
    """Return a configuration for functions that need no library and are asked all the while."""
    config = re.sub(r"(?m)^(\[functions\..*)$", r'\1\nhandler = "tiny:handle"', config)
    return (
        config.replace("[api]", "[api]\nrate = 100000\nburst = 100000")
        + _MORE
        + ENVIRONMENT.format(function="predict")
    )


def _pressed(process: "subprocess.Popen[str]", number: int, seen: Path) -> bool:
    """Send a signal once more to who has got the first; tell whether they have ended."""
    if seen.exists():
        process.send_signal(number)
    return process.poll() is not None


def _taken(file: Path) -> str:
    """Return what a file holds, and remove it."""
    text = file.read_text() if file.exists() else ""
    file.unlink(missing_ok=True)
    return text


def _session(leader: int) -> list[str]:
    """Return the command lines of a session's processes."""
    listed = subprocess.run(
        ["ps", "-o", "args=", "-s", str(leader)], capture_output=True, text=True, check=False
    )
    return listed.stdout.splitlines()


def take(*command: str) -> dict[str, Any]:
    """Run a command in this process, undisturbed; return its result.

    Raises:
        AssertionError: it failed.
    """
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        code = run([*command, "-o", "json"], _OUTSIDE)
    found = json.loads(out.getvalue())
    assert code == 0, f"exit {code}: {json.dumps(found.get('error'))}"
    result: dict[str, Any] = found["result"]
    return result


@contextmanager
def machine() -> Iterator[Machine]:
    """Begin: nothing is deployed, and a canary is wherever a secret may be."""
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        isolated(patch, Path(folder))
        # What other machines push and remove has the same names.
        patch.setenv("XDG_STATE_HOME", str(Path(folder) / "state"))
        patch.setenv("MLDEPLOY_TARGET", "local")
        with own_cloud(Path(folder) / "local"):
            found = Machine(write_project(Path(folder) / "iris"), Path(folder))
            set_canaries(found.root, "predict", patch)
            (found.root / "tiny.py").write_text(_CODE)
            (found.folder / "scratch").mkdir()
            patch.chdir(found.root)
            found.start()
            yield found

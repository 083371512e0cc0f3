"""The command line itself: help, errors, exit codes, envelopes."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mldeploy.cli.app import run, typer_app
from mldeploy.cli.commands import COMMANDS, overview
from mldeploy.deploy.outside import Outside
from tests.support.projects import write_project

# Typer itself imports pydantic while it handles any option, so that one can't be kept out.
HEAVY = {"boto3", "botocore", "docker", "sklearn", "numpy", "pandas", "joblib", "packaging"}


def loaded_by(*arguments: str) -> set[str]:
    """Return the heavy modules that a command line imports."""
    code = (
        "import sys; from mldeploy.__main__ import main\n"
        f"sys.argv = ['mldeploy', *{list(arguments)!r}]\n"
        "main()\n"
        "print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_the_overview_lists_every_command() -> None:
    """`mldeploy --help` names each command that can be run, with its line."""
    text = overview()
    for name, line in COMMANDS.items():
        assert f"  {name}" in text
        assert line in text


@pytest.mark.parametrize("command", COMMANDS)
def test_every_listed_command_has_its_help(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each command of the overview exists and explains itself with exit code 0."""
    assert run([command, "--help"]) == 0
    assert "--help" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_first_screen_imports_nothing_heavy(option: str) -> None:
    """--help and --version answer without Typer, rich or any library of the field."""
    assert not loaded_by(option) & (HEAVY | {"typer", "rich"})


@pytest.mark.parametrize("command", COMMANDS)
def test_a_commands_help_imports_no_library_of_the_field(command: str) -> None:
    """A command imports boto3, docker or scikit-learn when it needs them, not before."""
    assert not loaded_by(command, "--help") & HEAVY


def test_an_unknown_command_gets_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error is answered with the nearest command and exit code 2."""
    assert run(["delpoy"]) == 2
    error = capsys.readouterr().err
    assert "error[MLD100]" in error
    assert "did you mean `mldeploy deploy`?" in error


def test_an_unknown_option_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Typer's own complaint comes in our shape, with exit code 2."""
    assert run(["plan", "--nope"]) == 2
    assert "--nope" in capsys.readouterr().err


def test_errors_are_an_envelope_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    """With -o json an error is one JSON document on stdout, usage errors included."""
    assert run(["plan", "--nope", "-o", "json"]) == 2
    envelope = json.loads(capsys.readouterr().out)
    assert envelope["format"] == 1
    assert envelope["command"] == "plan"
    assert envelope["ok"] is False
    assert envelope["error"]["code"] == "MLD100"


def build(folder: Path, making: Callable[[], Any]) -> int:
    """Run `mldeploy build` of a project, up to what makes its images."""
    root = write_project(folder / "iris")
    return run(["build", "--config", str(root)], Outside(making=lambda _builder: making()))


def test_an_unexpected_error_leaves_its_traceback_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bug shows a sentence and the path of the log file, never a traceback."""
    monkeypatch.setenv("MLDEPLOY_LOG_DIR", str(tmp_path / "logs"))
    assert build(tmp_path, lambda: 1 / 0) == 1
    shown = capsys.readouterr().err
    (log,) = (tmp_path / "logs").iterdir()
    assert "error[MLD900]" in shown
    assert str(log) in shown
    assert "Traceback" not in shown
    assert "ZeroDivisionError" in log.read_text()


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
        OSError(errno.EDQUOT, os.strerror(errno.EDQUOT), "model/model.joblib"),
        shutil.Error([("a", "b", f"[Errno 28] {os.strerror(errno.ENOSPC)}: 'a' -> 'b'")]),
    ],
)
def test_a_full_disk_is_no_bug(
    error: OSError,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The cause and what to do are said, and no log is written, for which there is no room."""

    def full() -> None:
        raise error

    monkeypatch.setenv("MLDEPLOY_LOG_DIR", str(tmp_path / "logs"))
    assert build(tmp_path, full) == 1
    shown = capsys.readouterr().err
    assert "error[MLD620]" in shown
    assert str(error.filename or "") in shown
    assert not (tmp_path / "logs").exists()


def test_ctrl_c_ends_with_130(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An interruption says that a rerun goes on, and exits with 130."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    assert build(tmp_path, interrupted) == 130
    assert "interrupted" in capsys.readouterr().err


INTERRUPTED_WHILE_IMPORTING = """\
import os, signal, sys
from mldeploy.__main__ import main

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            # A part of the library is made by `exec`, and Python minds that.
            exec("os.kill(os.getpid(), signal.{name}); [0 for _ in range(99)]")

sys.meta_path.insert(0, Finder())
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["mldeploy", "plan", "-o", "json"]
sys.exit(main())
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("module", ["typer", "mldeploy.cli.plan", "mldeploy.plan.diff"])
def test_ctrl_c_while_modules_are_imported_is_no_crash(module: str, name: str) -> None:
    """The first of our own, a command's, and what that needs: 130, and nobody sees a traceback."""
    code = INTERRUPTED_WHILE_IMPORTING.format(module=module, name=name)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert json.loads(done.stdout)["error"]["code"] == "MLD130"
    assert done.stderr == ""


IMPATIENT = """\
import os, signal, sys
import mldeploy.__main__ as program
from mldeploy.cli import app

def typer_app(command):
    try:
        os.kill(os.getpid(), signal.SIGINT)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
        print("tidied up", file=sys.stderr)

app.typer_app, program._PATIENCE = typer_app, {patience}
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["mldeploy", "plan"]
sys.exit(program.main())
"""


@pytest.mark.parametrize(("patience", "tidied"), [(60.0, True), (-1.0, False)])
def test_the_second_signal_waits_for_the_tidying_up(patience: float, *, tidied: bool) -> None:
    """But not for ever: who has waited long enough leaves at once."""
    code = IMPATIENT.format(patience=patience)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert ("tidied up" in done.stderr) is tidied
    assert ("MLD130" in done.stderr) is tidied
    assert "Traceback" not in done.stderr


def test_a_signal_that_was_switched_off_stays_off() -> None:
    """`nohup` and a shell's background do so: their command goes on."""
    code = INTERRUPTED_WHILE_IMPORTING.format(module="mldeploy.cli.plan", name="SIGINT")
    code = code.replace("default_int_handler", "SIG_IGN")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "MLD130" not in done.stdout


def test_a_closed_pipe_is_no_crash(tmp_path: Path) -> None:
    """`mldeploy … | head -0` ends quietly: no traceback from Python's exit."""
    (tmp_path / "mldeploy.toml").write_text(
        '[project]\nname = "iris"\nregion = "eu-central-1"\n[api]\nauth = "none"\n'
    )
    done = subprocess.run(
        ["/bin/sh", "-c", f"{sys.executable} -m mldeploy iam policy | head -c 0"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr


def test_only_the_named_command_is_imported() -> None:
    """Asking for one command doesn't import the modules of the others."""
    before = set(sys.modules)
    sys.modules.pop("mldeploy.cli.iam", None)
    typer_app("iam")
    assert "mldeploy.cli.iam" in sys.modules
    assert "mldeploy.cli.invoke" not in set(sys.modules) - before

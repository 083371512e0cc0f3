"""TAB in bash, zsh and fish: commands, options, stages, functions and releases of this project."""

import fcntl
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mldeploy.cli.completing import TABLE, answer, offers
from tests.support.commands import Command
from tools import completions

ROOT = Path(__file__).parents[2]
CONFIG = """\
[project]
name = "iris"
[api]
auth = "none"
[functions.predict]
[functions.explain-it]
handler = "a:b"
[models.small]
[stages.prod]
[stages.prod.functions.nightly]
[stages."pr-*"]
[stages."$(touch owned)"]
[stages."`touch owned`"]
[stages."a b;c"]
"""
HEAVY = {"typer", "rich", "pydantic", "boto3", "botocore", "docker", "sklearn", "numpy", "urllib3"}


def offered(line: str) -> list[str] | None:
    """Return the words that a shell offers at the end of a line."""
    found = offers(line.split(" ")[1:])
    return None if found is None else list(found)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project, in a folder below which the shell is."""
    (tmp_path / "mldeploy.toml").write_text(CONFIG)
    (tmp_path / "below").mkdir()
    (tmp_path / "aws").write_text("[default]\n[profile work]\ncredential_process = touch owned\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "nothing"))
    # What other tests deployed was seen on this machine, too.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path / "below")
    return tmp_path


def test_the_table_is_that_of_the_commands() -> None:
    """After a change of a command or option: python -m tools.completions."""
    assert TABLE.read_text() == completions.text()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mldeploy depl", ["deploy"]),
        ("mldeploy help dest", ["destroy"]),
        ("mldeploy help local s", ["start", "status", "stop"]),
        ("mldeploy local s", ["start", "status", "stop"]),
        ("mldeploy local stop --ou", ["--output"]),
        ("mldeploy deploy --stage ", ["dev", "prod"]),
        ("mldeploy deploy -s pr", ["prod"]),
        ("mldeploy deploy --stage=pr", ["--stage=prod"]),
        ("mldeploy deploy --stage = pr", ["--stage=prod"]),
        ("mldeploy promote dev p", ["prod"]),
        ("mldeploy invoke --function ", ["predict", "explain-it", "nightly"]),
        ("mldeploy train --model ", ["main", "small"]),
        ("mldeploy deploy --builder d", ["docker", "direct"]),
        ("mldeploy plan -o m", ["markdown"]),
        ("mldeploy plan --target l", ["local"]),
        ("mldeploy plan --profile ", ["default", "work"]),
        ("mldeploy completion ", ["bash", "zsh", "fish"]),
        ("mldeploy explain MLD40", [f"MLD40{n}" for n in range(1, 9)]),
        ("mldeploy deploy --yes --y", []),
        ("mldeploy deploy --canary ", []),
        ("mldeploy nope ", []),
    ],
)
def test_what_may_stand_there_is_offered(line: str, words: list[str], folder: Path) -> None:
    """Commands, options that aren't given yet, and values; no pattern and no stranger's code."""
    assert offered(line) == words


@pytest.mark.parametrize(
    "line", ["mldeploy import ", "mldeploy deploy --plan ", "mldeploy plan -c "]
)
def test_files_are_left_to_the_shell(line: str) -> None:
    """It knows how to complete them."""
    assert offered(line) is None
    assert answer(line.split(" ")[1:]) == "files\n"


def test_a_project_may_be_elsewhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the file that an option or the variable names."""
    monkeypatch.chdir("/")
    assert offered("mldeploy deploy --stage p") == []
    assert offered(f"mldeploy deploy -c {folder} --stage p") == ["prod"]
    monkeypatch.setenv("MLDEPLOY_CONFIG", str(folder / "mldeploy.toml"))
    assert offered("mldeploy deploy --stage p") == ["prod"]


@pytest.mark.parametrize("text", ["[", "stages = 1\nfunctions = 2", "\x00", 'stages = {a = "b"}'])
def test_a_tab_shows_no_error(text: str, folder: Path) -> None:
    """Whatever is in the file."""
    (folder / "mldeploy.toml").write_text(text)
    assert answer(["deploy", "--stage", "x"]) == "words\n"


def test_releases_are_those_that_were_last_seen(command: Command, project: Path) -> None:
    """By a deploy or `releases`, with their versions; none after the stage was removed."""
    assert command("deploy", "--yes")[0] == 0
    release = command("status")[1]["result"]["functions"][0]["release"]
    assert offered("mldeploy rollback ") == [release]
    assert command("releases")[0] == 0
    assert answer(["rollback", release[:3]]).startswith(f"words\n{release}\tversion 1, 20")
    assert offered("mldeploy rollback --stage prod ") == []
    assert command("destroy", "--yes")[0] == 0
    assert offered("mldeploy rollback ") == []


def test_a_tab_is_quick() -> None:
    """It imports nothing that takes long and nothing that could call AWS."""
    code = (
        "import sys; from mldeploy.__main__ import main\n"
        "sys.argv = ['mldeploy', '--complete', 'deploy', '--stage', '']\n"
        "main(); print(*sys.modules, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("words\ndev\n")
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert loaded & (HEAVY | {"socket", "ssl"}) == set()


SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(mldeploy completion bash)"),
    "zsh": (["zsh", "-f", "-i"], "source <(mldeploy completion zsh)"),
    "fish": (["fish", "--no-config", "-i"], "mldeploy completion fish | source"),
}


class Terminal:
    """A shell in a terminal, into which somebody types."""

    def __init__(self, program: list[str], folder: Path) -> None:
        self._master, slave = pty.openpty()
        environ = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "TERM": "xterm",
                   "HOME": str(folder), "PS1": "$ "}  # fmt: skip
        self.process = subprocess.Popen(
            program, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environ,
            start_new_session=True,
            # fish wants a terminal of its own.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509
        )  # fmt: skip
        os.close(slave)
        self.shown = ""

    def type(self, text: str, until: str) -> None:
        """Type a text, and wait until a pattern is shown after that."""
        seen = len(self.shown)
        os.write(self._master, text.encode())
        last = time.monotonic() + 30
        while not re.search(until, self.shown[seen:]):
            assert time.monotonic() < last, f"{until!r} was never shown:\n{self.shown[-2000:]}"
            if select.select([self._master], [], [], 0.1)[0]:
                self.shown += os.read(self._master, 65536).decode(errors="replace")

    def close(self) -> None:
        """Leave."""
        self.process.kill()
        self.process.wait()
        os.close(self._master)


@pytest.fixture(params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest, folder: Path) -> Iterator[Terminal]:
    """A shell that has read its script; `mldeploy` prints what it would have run."""
    program, setup = SHELLS[request.param]
    if shutil.which(program[0]) is None and "CI" not in os.environ:
        pytest.skip(f"{program[0]} isn't installed; `make packages` installs it")
    (folder / "file.skops").touch()
    own = folder / "mldeploy"
    own.write_text(
        f"#!/bin/sh\ncase $1 in\n--complete | completion) exec env PYTHONPATH={ROOT} "
        f'{sys.executable} -m mldeploy "$@" ;;\nesac\nprintf "RAN(%s)\\n" "$*"\n'
    )
    own.chmod(0o755)
    found = Terminal(program, folder)
    try:
        found.type(f"{setup}; echo rea''dy\r", "ready")
        yield found
    finally:
        found.close()


def test_a_real_shell_completes(shell: Terminal, folder: Path) -> None:
    """A command, an option, a stage, a value behind `=`, and a file, each by one TAB."""
    for typed, ran in (
        ("mldeploy destr\t", r"destroy"),
        ("mldeploy deploy --allow\t", r"deploy --allow-breaking"),
        ("mldeploy deploy --stage pr\t", r"deploy --stage prod"),
        ("mldeploy deploy --stage=pr\t", r"deploy --stage=prod"),
        ("mldeploy local stat\t", r"local status"),
        ("mldeploy import fi\t", r"import file.skops"),
    ):
        shell.type(typed, re.escape(ran.split()[-1].removeprefix("--stage=")))
        shell.type("\r", rf"RAN\({ran} ?\)")
    assert not (folder / "owned").exists()
    assert "Traceback" not in shell.shown

"""A reader who types the commands of a page: mldeploy's in this process, others in a shell."""

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import urllib3
from packaging.requirements import Requirement

from mldeploy.cli import app
from mldeploy.deploy.outside import Outside
from tests.support.pages import ROOT, Shown
from tests.support.readmes import curl
from tests.support.served import Served, serving

if TYPE_CHECKING:
    from collections.abc import Callable

_SERVED = "127.0.0.1:8000"
_DEPLOYED = re.compile(r"https://a1b2c3d4e5\.execute-api\.[\w.-]+\.com|http://127\.0\.0\.1:8100\b")
_CHANGING = {
    "ADDRESS": r"https?://(?:127\.0\.0\.1:\d+|\w+\.execute-api\.[\w.-]+\.com)",
    "RELEASE": r"\b[0-9a-f]{16}\b",
    "TIME": r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?",
}
_STAND_IN = "  info: target local:"
"""Said because AWS is replaced here."""
_SHELL = re.compile(r"[|]|\$\(|&$|<")


class _Screen(io.StringIO):
    """What a program writes to one of its streams, and to the terminal that shows both."""

    def __init__(self, terminal: io.StringIO) -> None:
        super().__init__()
        self.terminal = terminal

    def write(self, text: str) -> int:
        """Write to both."""
        self.terminal.write(text)
        return super().write(text)


@dataclass(frozen=True)
class Done:
    """A command that ended.

    Attributes:
        code: its exit code.
        out: what it wrote to stdout.
        seen: what a terminal would show of it.
    """

    code: int
    out: str
    seen: str


@dataclass
class Reader:
    """A reader at a terminal.

    Attributes:
        folder: where they are.
        environ: the variables of their shell.
        outside: what mldeploy reaches.
        url: of the deployed API, without a path.
    """

    folder: Path
    environ: dict[str, str]
    outside: Outside
    url: str = ""
    _open: ExitStack = field(default_factory=ExitStack)
    _served: Served | None = None

    def leave(self) -> None:
        """End what still runs."""
        self._open.close()

    def types(self, shown: Shown) -> Done:
        """Run a command line as it is written, with this test's addresses."""
        line = self._here(shown.line)
        if _SHELL.search(re.sub(r"'[^']*'", "", line)):
            return self._shell(line)
        words, target = _redirected(shlex.split(line, comments=True))
        known: dict[str, Callable[[list[str]], Done]] = {
            "mldeploy": self._mldeploy,
            "curl": self._curl,
            "cd": self._cd,
            "export": self._export,
            "pip": _pip,
            "aws": _aws,
            "source": lambda _: Done(0, "", ""),
            "python": _venv,
        }
        run = known.get(words[0])
        if run is None:
            return self._shell(line)
        done = run(words)
        if target:
            (self.folder / target).write_text(done.out, encoding="utf-8")
        return done

    def _here(self, line: str) -> str:
        line = _DEPLOYED.sub(self.url or "http://127.0.0.1:9", line)
        return line.replace(_SERVED, f"127.0.0.1:{self._served.port}") if self._served else line

    def _mldeploy(self, words: list[str]) -> Done:
        if words[1] == "serve":
            return self._serve(words[1:])
        terminal = io.StringIO()
        out, err = _Screen(terminal), _Screen(terminal)
        before, kept = Path.cwd(), dict(os.environ)
        os.chdir(self.folder)
        os.environ.update(self.environ)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = app.run(words[1:], self.outside)
        finally:
            os.chdir(before)
            os.environ.clear()
            os.environ.update(kept)
        for address in re.findall(r"^(http://127\.0\.0\.1:\d+)/\w+$", out.getvalue(), re.MULTILINE):
            self.url = address
        return Done(code, out.getvalue(), terminal.getvalue())

    def _serve(self, words: list[str]) -> Done:
        self._open.close()
        (self.folder / "stderr.txt").unlink(missing_ok=True)
        shutil.rmtree(self.folder / "tmp", ignore_errors=True)
        self._served = self._open.enter_context(
            serving(self.folder, *words[1:], "--port", "0", variables=self.environ)
        )
        return Done(0, self._served.url, self._served.url)

    def _curl(self, words: list[str]) -> Done:
        request = curl(words, self.folder)
        assert urlsplit(request.url).hostname == "127.0.0.1", request.url
        headers = {"content-type": request.content_type}
        answer = urllib3.request(
            "POST", request.url, body=request.body, headers=headers, retries=False, timeout=60
        )
        text = answer.data.decode()
        return Done(0, text, text)

    def _cd(self, words: list[str]) -> Done:
        self.folder = self.folder / words[1]
        assert self.folder.is_dir()
        return Done(0, "", "")

    def _export(self, words: list[str]) -> Done:
        for word in words[1:]:
            name, _, value = word.partition("=")
            self.environ[name] = value
        return Done(0, "", "")

    def _shell(self, line: str) -> Done:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line],
            cwd=self.folder,
            env={**os.environ, **self.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stdout + done.stderr)


def agrees(shown: str, done: Done) -> bool:
    """Tell whether a command printed what its page shows: to stdout, or to a terminal."""
    pattern = "".join(map(_pattern, _plain(shown)))
    texts = ("".join(_plain(one)) for one in (done.out, done.seen))
    return any(re.fullmatch(pattern, text) is not None for text in texts)


def _pattern(line: str) -> str:
    """Return what matches a line; one of `…` alone stands for any number of lines."""
    return r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line).replace("…", ".*")


def _plain(text: str) -> list[str]:
    """Return a text with what differs each time named by its kind, at the same width."""
    for kind, pattern in _CHANGING.items():
        text = re.sub(pattern, kind, text)
    lines = [f"{line.rstrip()}\n" for line in text.strip("\n").splitlines()]
    return [line for line in lines if not line.startswith(_STAND_IN)]


def _redirected(words: list[str]) -> tuple[list[str], str]:
    if ">" in words:
        at = words.index(">")
        return words[:at], words[at + 1]
    return words, ""


def _pip(words: list[str]) -> Done:
    """Take what is installed already; refuse a requirement that isn't one, or an extra of ours."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert words[1] == "install", words
    for word in words[2:]:
        wanted = Requirement(word.replace(".[", "mldeploy[", 1) if word.startswith(".") else word)
        if wanted.name == project["name"]:
            assert wanted.extras <= set(project["optional-dependencies"]), word
    return Done(0, "", "")


def _venv(words: list[str]) -> Done:
    assert words[:3] == ["python", "-m", "venv"], words
    return Done(0, "", "")


def _aws(words: list[str]) -> Done:
    """Compare a command of the AWS CLI with botocore's models, from which the CLI is made."""
    import botocore.session
    from botocore import xform_name

    service, operation, *options = words[1:]
    model = botocore.session.get_session().get_service_model(service)
    names = {xform_name(one, "-"): one for one in model.operation_names}
    members: Any = model.operation_model(names[operation]).input_shape.members
    given = {one.removeprefix("--") for one in options if one.startswith("--")}
    assert given <= {xform_name(one, "-") for one in members}, words
    return Done(0, "", "")

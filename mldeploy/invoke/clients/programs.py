"""Runs the generators, which are programs of others."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mldeploy.errors import MldeployError

_NOT_PASSED = ("PYTHONPATH", "PYTHONHOME")
_COLOR = re.compile(r"\x1b\[[0-9;]*m")
_NOISE = re.compile(r"npm (error|ERR!)( {2,}|\s*\}?$| A complete log)|WARNING: Location")
"""Of npm: the stack of its own code, and its log; of pip: what it has always said."""
_LAST_LINES = 8
Completed = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Program:
    """A generator that can be run.

    Attributes:
        command: its name with the arguments that it always has.
        name: with the version, for people.
        programs: a folder to be put before PATH, or None.
        environ: more variables.
    """

    command: tuple[str, ...]
    name: str
    programs: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, folder: Path) -> Completed:
        """Run it in a folder without files of the project, whose code must not run."""
        return run([*self.command, *arguments], folder, self.environ, self.programs)


def run(
    command: Sequence[str],
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    programs: Path | None = None,
) -> Completed:
    """Run a program to its end, without input and without colors.

    Args:
        command: its words.
        folder: the current one for the program.
        environ: variables in addition to this process's.
        programs: a folder to be put before PATH.
    """
    variables = {name: text for name, text in os.environ.items() if name not in _NOT_PASSED}
    variables |= {"NO_COLOR": "1", "RUFF_NO_CACHE": "true", **(environ or {})}
    if programs:
        variables["PATH"] = f"{programs}{os.pathsep}{variables.get('PATH', os.defpath)}"
    return subprocess.run(  # noqa: S603 - a generator, or what installs it
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def version_of(program: str) -> str:
    """Return what a program says of its version, or "" if it can't be run."""
    try:
        done = run([program, "--version"])
    except OSError:
        return ""
    found = re.search(r"\d+\.\d+\.\d+", done.stdout)
    return found[0] if found and done.returncode == 0 else ""


def not_installed(name: str, done: Completed) -> MldeployError:
    """Return the error of a generator that can't be had, which is mostly the network's."""
    return MldeployError(
        "MLD622",
        f"{name} can't be installed",
        "check the network, the proxy and the package index, then run the command again; or "
        "install the generator yourself: one on PATH is used",
        details=last_lines(done),
    )


def failed(name: str, done: Completed) -> MldeployError:
    """Return the error of a generator that can't read a document."""
    return MldeployError(
        "MLD623",
        f"{name} failed with exit code {done.returncode}",
        "report this if the document is mldeploy's; a handler of your own may have made it invalid",
        details=last_lines(done),
    )


def last_lines(done: Completed) -> tuple[tuple[str, str], ...]:
    """Return the end of what a program printed, as an error's details."""
    text = _COLOR.sub("", f"{done.stdout}\n{done.stderr}")
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not _NOISE.match(line)]
    return tuple(("output", line) for line in lines[-_LAST_LINES:])

"""Sow each bug of `mutants` into a copy of the program, and see whether the harness catches it.

    python -m tests.faults.sow [NAME …]

It exits with 1 where less than 95% are caught, one escapes for no reason that is known, or a patch
doesn't fit any more.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.faults.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
_COPIED = ("examples", "image_template", "mldeploy", "tests", "tools", "pyproject.toml")
_ENOUGH = 0.95
_PATIENCE = 1200.0
_BUG = "MLD900"
"""An exception that nobody expects: such a mutant breaks the program and proves nothing."""
_NONE = Mutant("no bug", (), ("rollback",))


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant.

    Attributes:
        mutant: which.
        caught: whether the harness said that something is wrong.
        by: the trial or test that said so, and what.
        broken: why it proves nothing, or "".
        seconds: how long it took.
    """

    mutant: Mutant
    caught: bool
    by: str
    broken: str
    seconds: float

    @property
    def word(self) -> str:
        """The verdict in a word."""
        if self.broken:
            return "broken"
        return "caught" if self.caught else "escapes"

    @property
    def expected(self) -> bool:
        """Whether it is caught, or escapes for a reason that is known."""
        return not self.broken and self.caught == (not self.mutant.escapes)


def sown(mutant: Mutant, folder: Path) -> None:
    """Copy the project and put the bug in.

    Raises:
        ValueError: the patch doesn't fit.
    """
    for name in _COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    patched(mutant, folder)


def patched(mutant: Mutant, folder: Path) -> None:
    """Apply a patch to a copy.

    Raises:
        ValueError: it doesn't fit, or what comes out isn't Python.
    """
    for edit in mutant.edits:
        path = folder / edit.file
        found = path.read_text()
        if found.count(edit.text) != 1:
            raise ValueError(f"{edit.file} has it {found.count(edit.text)} times: {edit.text!r}")
        changed = found.replace(edit.text, edit.instead)
        compile(changed, edit.file, "exec")
        path.write_text(changed)


def tried(mutant: Mutant) -> Verdict:
    """Let the harness look for a bug until it finds something."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        sown(mutant, Path(folder))
        imported = _run(folder, "-c", "import mldeploy; print(mldeploy.__file__)")[1]
        if not imported.startswith(folder):
            raise ValueError(f"the program under test is {imported}")
        by, broken = _found(mutant, folder)
    return Verdict(mutant, bool(by), by, broken, time.monotonic() - started)


def _found(mutant: Mutant, folder: str) -> tuple[str, str]:
    """Return what the harness has found, and what of it is no finding."""
    commands = []
    if mutant.operations:
        only = [part for name in mutant.operations for part in ("--only", name)]
        trials = ["tests.faults", "--in-process", "--first", "--workers", "1", *only]
        commands.append((trials, "python -m tests.faults"))
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    commands += [(["pytest", *options, name], "FAILED ") for name in mutant.tests]
    for command, mark in commands:
        code, said = _run(folder, "-m", *command)
        if not code:
            continue
        told = said[said.find(mark) :] if mark in said else ""
        if not told or _BUG in told:
            return "", f"exit {code}: {(told or said)[-600:]}"
        return " ".join(told.split())[:300], ""
    return "", ""


def _run(folder: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout


def main() -> int:
    """Try the mutants that are named, or all; print the verdicts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="a part of a mutant's name")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    chosen = [
        one
        for one in MUTANTS
        if not options.names or any(part in one.name for part in options.names)
    ]
    with ThreadPoolExecutor(options.workers) as pool:
        clean = tried(_NONE)
        if clean.word != "escapes":
            sys.stdout.write(f"without any bug: {clean.by or clean.broken}\n")
            return 1
        verdicts = []
        for verdict in pool.map(tried, chosen):
            sys.stdout.write(_line(verdict))
            sys.stdout.flush()
            verdicts.append(verdict)
    caught = sum(one.caught for one in verdicts)
    sys.stdout.write(f"{caught} of {len(verdicts)} caught\n")
    return 0 if caught >= _ENOUGH * len(verdicts) and all(v.expected for v in verdicts) else 1


def _line(verdict: Verdict) -> str:
    why = verdict.broken or verdict.by or verdict.mutant.escapes or "nobody knows why"
    return f"{verdict.word:8}{verdict.seconds:5.0f} s  {verdict.mutant.name}\n    {why}\n"


if __name__ == "__main__":
    sys.exit(main())

"""Sow each bug of `mutants.toml` into a copy of the program: does the harness catch it?

    python -m tests.faults.sow [NAME …]

It exits with 1 where less than 95% are caught, one escapes for no reason that is known, or a patch
doesn't fit any more.
"""

import argparse
import os
import re
import shlex
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
_PYTEST = ("pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist")
TRIAL = re.compile(r"^python -m (?P<again>tests\.faults .*)\n(?P<what>(?: {4}.*\n)+)", re.MULTILINE)
TEST = re.compile(
    r"^FAILED (?P<again>\S+::test_\w+(?:\[.*?\](?= - |$))?)(?P<what>.*)", re.MULTILINE
)
"""How a failure is told: what repeats it, and what was wrong."""


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


def copied(folder: Path) -> None:
    """Copy what the harness needs."""
    for name in _COPIED:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)


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


def tried(mutant: Mutant, clean: Path) -> Verdict:
    """Let the harness look for a bug until it finds something that isn't there without it.

    Args:
        mutant: the bug.
        clean: a copy without any.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        copied(Path(folder))
        patched(mutant, Path(folder))
        by, broken = _found(mutant, Path(folder), clean)
    return Verdict(mutant, bool(by), by, broken, time.monotonic() - started)


def _found(mutant: Mutant, folder: Path, clean: Path) -> tuple[str, str]:
    """Return what the harness has found, and what of it is no finding."""
    imported = _run(folder, "-c", "import mldeploy; print(mldeploy.__file__)")[1]
    if not imported.startswith(str(folder)):
        return "", f"the program under test is {imported}"
    trials = ["--in-process", "--first", "--workers", "1"]
    trials += [part for name in mutant.operations for part in ("--only", name)]
    commands = [["tests.faults", *trials]] if mutant.operations else []
    commands += [[*_PYTEST, name] for name in mutant.tests]
    for command in commands:
        code, said = _run(folder, "-m", *command)
        if not code:
            continue
        trial, test = TRIAL.search(said), TEST.search(said)
        told = trial or test
        if told is None or _BUG in told["what"]:
            return "", f"exit {code}: {said[-600:]}"
        again = shlex.split(told["again"]) if trial else [*_PYTEST, told["again"]]
        if _run(clean, "-m", *again)[0]:
            return "", f"without the bug as well: {told['again']}"
        return " ".join(f"{told['again']}: {told['what']}".split())[:300], ""
    return "", ""


def _run(folder: Path, *arguments: str) -> tuple[int, str]:
    try:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return -1, f"it isn't done after {_PATIENCE:.0f} s"
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
    verdicts = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(options.workers) as pool:
        clean = Path(folder)
        copied(clean)
        for verdict in pool.map(lambda one: tried(one, clean), chosen):
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

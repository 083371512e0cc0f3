"""Times of `--help` and `--version`, compared with SAM and Chalice."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measure import interleaved, machine, run, show, show_ratio
from benchmarks.peers import CHALICE, SAM, console_script

ROUNDS = 21
HEAVY = (
    "boto3",
    "botocore",
    "docker",
    "joblib",
    "numpy",
    "pandas",
    "pip",
    "pydantic",
    "rich",
    "sklearn",
    "typer",
)
RATIOS = (
    ("mldeploy --help", "sam --help"),
    ("mldeploy --help", "chalice --help"),
    ("mldeploy --version", "sam --version"),
    ("mldeploy --version", "chalice --version"),
    ("mldeploy deploy --help", "sam --help"),
    ("mldeploy deploy --help", "sam deploy --help"),
    ("mldeploy deploy --help", "chalice deploy --help"),
)

_WITH_MODULES = """
import json, sys
sys.argv = ["mldeploy", *sys.argv[1:]]
from mldeploy.__main__ import main
code = main()
sys.stdout.flush()
print(json.dumps({"code": code, "modules": sorted(sys.modules)}), file=sys.stderr)
"""


def main() -> None:
    """Print times, ratios, and what each command's help imports."""
    programs = {"mldeploy": Path(sys.executable).with_name("mldeploy")}
    for peer in (SAM, CHALICE):
        found = console_script(peer)
        if found:
            programs[peer[0]] = found
    print(f"  {machine()}\n")
    timings = interleaved(dict(_subjects(programs)), ROUNDS)
    show(timings)
    print("\n  below 1 mldeploy is faster")
    for ours, peer_line in RATIOS:
        show_ratio(timings, ours, peer_line)
    print("\n  what a help imports of the heavy libraries; own time of the slowest packages")
    for arguments in _helps():
        print(f"  mldeploy {' '.join(arguments):<15} {_imports(arguments)}")


def _subjects(programs: dict[str, Path]) -> list[tuple[str, Callable[[], str]]]:
    lines = [line for pair in RATIOS for line in pair]
    subjects = [
        (line, partial(run, [programs[program], *arguments]))
        for line in dict.fromkeys(lines)
        for program, *arguments in [line.split()]
        if program in programs
    ]
    # The floor under every Python program on this machine.
    return [("python -c pass", partial(run, [sys.executable, "-c", "pass"])), *subjects]


def _helps() -> list[list[str]]:
    from mldeploy.cli.commands import COMMANDS  # noqa: PLC0415 - peers alone don't need it

    return [["--version"], ["--help"], *([name, "--help"] for name in COMMANDS)]


def _imports(arguments: Sequence[str]) -> str:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", _WITH_MODULES, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr.strip().rpartition("\n")[2]
    if not last.startswith("{"):
        return f"failed: {last}"
    found = json.loads(last)
    if found["code"]:
        return f"failed with exit code {found['code']}: {done.stderr.splitlines()[-2]}"
    packages = {name.partition(".")[0] for name in found["modules"]}
    heavy = ", ".join(name for name in HEAVY if name in packages) or "none"
    return f"{heavy}  [{len(found['modules'])} modules: {_slowest(done.stderr)}]"


def _slowest(log: str) -> str:
    """Return the three packages with the longest own import times."""
    own: Counter[str] = Counter()
    for microseconds, module in re.findall(r"import time: +(\d+) \| +\d+ \| +(\S+)", log):
        own[module.partition(".")[0]] += int(microseconds)
    return ", ".join(f"{name} {spent / 1000:.0f} ms" for name, spent in own.most_common(3))


if __name__ == "__main__":
    main()

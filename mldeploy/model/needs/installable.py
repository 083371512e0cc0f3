"""Can the image install it? pip is asked with the image's platform in place of this machine's."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mldeploy.errors import MldeployError
from mldeploy.model.needs.wheel_answers import is_known, key_of, remember

_NO_MATCH = re.compile(r"No matching distribution found for (?P<what>[^\s;]+)")
_VERSIONS = re.compile(r"\(from versions: (?P<versions>[^)]*)\)")
_NO_ANSWER = re.compile(
    r"Retrying \(|ConnectionError|NameResolutionError|SSLError|timed out|EOFError"
    r"|40[137] (Client )?Error|50\d Server Error|Could not fetch URL|Looks like the index"
    r"|lacks a specific scheme"
)
_LONGEST = 300
_LOGIN = re.compile(r"://[^/\s@]*@")
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
_OLD_GLIBC, _NEW_GLIBC, _OLDEST_GLIBC = 26, 34, 17
_FIRST_NEW = (3, 12)
"""Lambda's base image is Amazon Linux 2 (glibc 2.26) up to Python 3.11, and Amazon Linux 2023
(glibc 2.34) from 3.12 on (AWS Lambda developer guide, "Lambda runtimes")."""


@dataclass(frozen=True)
class Target:
    """Where it is to be installed: Python "3.12", architecture "x86_64" or "arm64"."""

    python: str
    architecture: str

    def tags(self) -> list[str]:
        """Return the wheel tags that the image's C library takes, newest first (PEP 600)."""
        version = tuple(map(int, self.python.split(".")[:2]))
        newest = _NEW_GLIBC if version >= _FIRST_NEW else _OLD_GLIBC
        machine = _MACHINES[self.architecture]
        tags = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, _OLDEST_GLIBC - 1, -1)]
        return [*tags, f"manylinux2014_{machine}"]


@dataclass(frozen=True)
class Missing:
    """A requirement without a wheel; `would_do` is the newest version that has one, or ""."""

    requirement: str
    would_do: str

    @property
    def name(self) -> str:
        """The distribution's name."""
        return self.requirement.partition("==")[0]


Completed = subprocess.CompletedProcess[str]
Run = Callable[[list[str], dict[str, str]], Completed]


class _NoAnswerError(Exception):
    """pip failed for another reason than a missing wheel."""


def ended(command: list[str], environ: dict[str, str]) -> Completed:
    """Run a command to its end."""
    return subprocess.run(  # noqa: S603 - our own interpreter
        command, capture_output=True, text=True, check=False, env=environ
    )


def check_installable(
    requirements: Sequence[str],
    target: Target,
    *,
    index_url: str = "",
    ca_bundle: Path | None = None,
    run: Run = ended,
) -> str:
    """Ask the index for a wheel of every requirement; return a warning where it can't be asked.

    A positive answer is kept in the user's cache; no other answer is.

    Args:
        requirements: exact, as `name==version`.
        target: the image's Python and architecture.
        index_url: an index in place of pip's own configuration.
        ca_bundle: for pip.
        run: runs a command with an environment to its end.

    Raises:
        MldeployError: MLD230, naming each requirement and a version that would do.
    """
    environ = dict(os.environ)
    if index_url:
        environ["PIP_INDEX_URL"] = index_url  # not an argument: those are seen by everybody
    if ca_bundle:
        environ["PIP_CERT"] = str(ca_bundle)
    key = key_of(requirements, index_url, target.python, target.architecture, *target.tags())
    if is_known(key):
        return ""
    left, missing = list(requirements), list[Missing]()
    try:
        # pip stops at the first one; who has to choose other versions wants to know of all.
        while left and (one := _first_missing(left, target, lambda command: run(command, environ))):
            missing.append(one)
            left = [line for line in left if line.partition("==")[0] != one.name]
    except _NoAnswerError as error:
        if not missing:
            return f"couldn't ask the package index whether the image can install this: {error}"
    if missing:
        raise _cannot(missing, target)
    remember(key)
    return ""


def _first_missing(
    lines: list[str], target: Target, run: Callable[[list[str]], Completed]
) -> Missing | None:
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps"),
            *("--ignore-installed", "--only-binary=:all:", "--disable-pip-version-check"),
            *("--implementation", "cp", "--python-version", target.python, "--no-input"),
            *("--retries", "1", "--timeout", "10", "--no-color", "--quiet"),
            *("--target", folder, "--requirement", str(listed)),
            *(part for tag in target.tags() for part in ("--platform", tag)),
        ]
        done = run(command)
    return None if done.returncode == 0 else _judged(done.stderr + done.stdout)


def _judged(said: str) -> Missing:
    """Read pip's complaint.

    Raises:
        _NoAnswerError: where it doesn't say that a wheel is missing.
    """
    missing = _NO_MATCH.search(said)
    if missing is None or _NO_ANSWER.search(said):
        lines = said.strip().splitlines() or ["no reason given"]
        line = next((one for one in lines if _NO_ANSWER.search(one)), lines[-1])
        raise _NoAnswerError(_LOGIN.sub("://***@", line)[:_LONGEST])
    listed = _VERSIONS.search(said)
    versions = [one.strip() for one in (listed["versions"] if listed else "").split(",")]
    return Missing(missing["what"], _newest(versions))


def _newest(versions: list[str]) -> str:
    """Return the newest release, a pre-release only where there is nothing else."""
    from packaging.version import InvalidVersion, Version

    found = []
    for text in versions:
        try:
            found.append(Version(text))
        except InvalidVersion:
            continue  # "none"
    releases = [one for one in found if not one.is_prerelease] or found
    return str(max(releases)) if releases else ""


def _cannot(missing: list[Missing], target: Target) -> MldeployError:
    where = f"Lambda's Python {target.python} on {target.architecture}"
    first, *rest = [
        f"{one.requirement} has no wheel for {where}: "
        + (f"{one.name} {one.would_do} would do" if one.would_do else "no version of it has one")
        for one in missing
    ]
    pins = " ".join(f'"{one.name}=={one.would_do}"' for one in missing if one.would_do)
    version = tuple(map(int, target.python.split(".")[:2]))
    newer = "" if version >= _FIRST_NEW else "train with Python 3.12 or newer"
    again = f"pip install {pins} and train again" if pins else ""
    other = "use another package, or an index that has its wheels: [image] index_url"
    return MldeployError(
        "MLD230",
        first,
        ", or ".join(way for way in (again, newer) if way) or other,
        details=tuple(("and", line) for line in rest),
    )

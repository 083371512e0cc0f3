"""Checks with pip, for the image's platform, that the image can install requirements."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mldeploy.config.requirement import name_of
from mldeploy.errors import MldeployError
from mldeploy.model.needs.wheel_answers import key_of, recalled, remember
from mldeploy.model.needs.wheel_report import hashes_in, unprotected
from mldeploy.text.addresses import unprotected_host

_NO_MATCH = re.compile(r"No matching distribution found for (?P<what>[^\s;]+)")
_IGNORED = re.compile(r"The repository located at (?P<host>\S+) is not a trusted or secure host")
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
    """The image's platform: Python "3.12", architecture "x86_64" or "arm64"."""

    python: str
    architecture: str

    def tags(self) -> list[str]:
        """Return the wheel tags that the image's C library supports, newest first (PEP 600)."""
        version = tuple(map(int, self.python.split(".")[:2]))
        newest = _NEW_GLIBC if version >= _FIRST_NEW else _OLD_GLIBC
        machine = _MACHINES[self.architecture]
        tags = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, _OLDEST_GLIBC - 1, -1)]
        return [*tags, f"manylinux2014_{machine}"]


@dataclass(frozen=True)
class Index:
    """A package index.

    Attributes:
        url: in place of pip's own configuration, or ""; may hold credentials.
        insecure: whether wheels may come over http.
        ca_bundle: for pip.
    """

    url: str = field(default="", repr=False)
    insecure: bool = False
    ca_bundle: Path | None = None

    def environ(self) -> dict[str, str]:
        """Return pip's variables, because other users could read a login in the arguments."""
        environ = dict(os.environ)
        if self.url:
            environ["PIP_INDEX_URL"] = self.url
        if host := unprotected_host(self.url):
            environ["PIP_TRUSTED_HOST"] = f"{environ.get('PIP_TRUSTED_HOST', '')} {host}".strip()
        if self.ca_bundle:
            environ["PIP_CERT"] = str(self.ca_bundle)
        return environ


@dataclass(frozen=True)
class Missing:
    """A requirement without a wheel; `would_do` is the newest version that has one, or ""."""

    requirement: str
    would_do: str

    @property
    def name(self) -> str:
        """The distribution's name."""
        return self.requirement.partition("==")[0]


@dataclass(frozen=True)
class Installable:
    """The index's response.

    Attributes:
        hashes: SHA-256 of the wheels by the distributions' normalized names.
        warning: why the index is unreachable, or "".
    """

    hashes: dict[str, str] = field(default_factory=dict)
    warning: str = ""


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
    requirements: Sequence[str], target: Target, index: Index | None = None, *, run: Run = ended
) -> Installable:
    """Check that the index has a wheel for every requirement, and return the hashes.

    Only a positive result is cached, in the user's cache.

    Args:
        requirements: exact, as `name==version`.
        target: the image's Python and architecture.
        index: its URL; pip's default if None.
        run: runs a command with an environment.

    Raises:
        MldeployError: MLD230, with each requirement and an available version; MLD329 if a wheel
            would be downloaded over http.
    """
    index = index or Index()
    about = (index.url, str(index.insecure), target.python, target.architecture, *target.tags())
    key = key_of(requirements, *about)
    known = recalled(key)
    if known is not None:
        return Installable(known)
    try:
        hashes = _hashes(requirements, target, index, run)
    except _NoAnswerError as error:
        text = f"the package index couldn't be checked for the image's wheels: {error}"
        return Installable(warning=text)
    unknown = sorted(set(map(name_of, requirements)) - hashes.keys())
    if unknown:
        return Installable(hashes, f"the package index has no SHA-256 for {', '.join(unknown)}")
    remember(key, hashes)
    return Installable(hashes)


def _hashes(requirements: Sequence[str], target: Target, index: Index, run: Run) -> dict[str, str]:
    """Return the wheels' hashes.

    Raises:
        MldeployError: MLD230, MLD329.
        _NoAnswerError: if the index is unreachable.
    """
    environ = index.environ()
    left, missing = list(requirements), list[Missing]()
    while True:
        # pip stops at the first one, but users need to know all of them.
        try:
            found = _asked(left, target, index, lambda command: run(command, environ))
        except _NoAnswerError:
            if missing:
                raise _cannot(missing, target) from None
            raise
        if isinstance(found, Missing):
            missing.append(found)
            left = [line for line in left if line.partition("==")[0] != found.name]
            continue
        if missing:
            raise _cannot(missing, target)
        return found


def _asked(
    lines: list[str], target: Target, index: Index, run: Callable[[list[str]], Completed]
) -> Missing | dict[str, str]:
    """Return the first requirement without a wheel, or the hashes of all wheels."""
    if not lines:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(lines) + "\n", encoding="utf-8")
        # -P: ignore a pip.py in the current folder, which may be untrusted.
        command = [
            *(sys.executable, "-P", "-m", "pip", "install", "--dry-run", "--no-deps"),
            *("--ignore-installed", "--only-binary=:all:", "--disable-pip-version-check"),
            *("--implementation", "cp", "--python-version", target.python, "--no-input"),
            *("--retries", "1", "--timeout", "10", "--no-color", "--quiet"),
            *("--target", folder, "--requirement", str(listed), "--report", str(report)),
            *(part for tag in target.tags() for part in ("--platform", tag)),
        ]
        done = run(command)
        if done.returncode == 0:
            return hashes_in(report, insecure=index.insecure)
    return _judged(done.stderr + done.stdout)


def _judged(said: str) -> Missing:
    """Interpret pip's error.

    Raises:
        _NoAnswerError: if it doesn't report a missing wheel.
        MldeployError: MLD329 if pip has ignored an index over http.
    """
    ignored = _IGNORED.search(said)
    if ignored:
        raise unprotected("packages would come", ignored["host"])
    missing = _NO_MATCH.search(said)
    if missing is None or _NO_ANSWER.search(said):
        lines = said.strip().splitlines() or ["no reason given"]
        line = next((one for one in lines if _NO_ANSWER.search(one)), lines[-1])
        raise _NoAnswerError(_LOGIN.sub("://***@", line)[:_LONGEST])
    listed = _VERSIONS.search(said)
    versions = [one.strip() for one in (listed["versions"] if listed else "").split(",")]
    return Missing(missing["what"], _newest(versions))


def _newest(versions: list[str]) -> str:
    """Return the newest release, or the newest pre-release if there are no others."""
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
        + (f"{one.name} {one.would_do} has one" if one.would_do else "no version has one")
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

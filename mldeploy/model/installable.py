"""Can the image install it? pip is asked with the image's platform in place of this machine's."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from mldeploy.errors import MldeployError
from mldeploy.redact import redact

_NO_MATCH = re.compile(r"No matching distribution found for (?P<what>[^\s;]+)")
_VERSIONS = re.compile(r"\(from versions: (?P<versions>[^)]*)\)")
_NO_NETWORK = re.compile(r"Retrying \(|ConnectionError|NameResolutionError|SSLError|timed out")
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
_OLD_GLIBC, _NEW_GLIBC, _OLDEST_GLIBC = 26, 34, 17
_FIRST_NEW = (3, 12)
"""Lambda's base image is Amazon Linux 2 (glibc 2.26) up to Python 3.11, and Amazon Linux 2023
(glibc 2.34) from 3.12 on (AWS Lambda developer guide, "Lambda runtimes")."""


def platform_tags(python: str, architecture: str) -> list[str]:
    """Return the wheel tags that the image's C library takes, newest first (PEP 600)."""
    version = tuple(map(int, python.split(".")[:2]))
    newest = _NEW_GLIBC if version >= _FIRST_NEW else _OLD_GLIBC
    machine = _MACHINES[architecture]
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(newest, _OLDEST_GLIBC - 1, -1)]
    return [*tags, f"manylinux2014_{machine}"]


def check_installable(
    requirements: Sequence[str],
    python: str,
    architecture: str,
    *,
    index_url: str = "",
    ca_bundle: Path | None = None,
) -> str:
    """Ask the index for a wheel of every requirement; return a warning where it can't be asked.

    Args:
        requirements: exact, as `name==version`.
        python: of the image, "3.12".
        architecture: "x86_64" or "arm64".
        index_url: an index in place of pip's own configuration.
        ca_bundle: for pip.

    Raises:
        MldeployError: MLD230, naming the requirement and a version that would do.
    """
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "requirements.txt"
        listed.write_text("\n".join(requirements) + "\n", encoding="utf-8")
        command = [
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--no-deps"),
            *("--ignore-installed", "--only-binary=:all:", "--disable-pip-version-check"),
            *("--implementation", "cp", "--python-version", python, "--retries", "1"),
            *("--target", folder, "--requirement", str(listed)),
            *(part for tag in platform_tags(python, architecture) for part in ("--platform", tag)),
        ]
        environ = dict(os.environ)
        if index_url:
            environ["PIP_INDEX_URL"] = index_url  # not an argument: those are seen by everybody
        if ca_bundle:
            environ["PIP_CERT"] = str(ca_bundle)
        done = subprocess.run(  # noqa: S603 - our own interpreter
            command, capture_output=True, text=True, check=False, env=environ
        )
    return "" if done.returncode == 0 else _judged(done.stderr + done.stdout, python, architecture)


def _judged(said: str, python: str, architecture: str) -> str:
    missing = _NO_MATCH.search(said)
    listed = _VERSIONS.search(said)
    if missing is None or _NO_NETWORK.search(said):
        lines = said.strip().splitlines()
        reason = redact(lines[-1]) if lines else "no reason given"
        return f"couldn't ask the package index whether the image can install this: {reason}"
    versions = [one.strip() for one in (listed["versions"] if listed else "").split(",")]
    usable = [one for one in versions if one and one != "none"]
    name = missing["what"].partition("==")[0]
    would = f"{name} {usable[-1]} would do" if usable else f"no version of {name} would do"
    raise MldeployError(
        "MLD230",
        f"{missing['what']} has no wheel for Lambda's Python {python} on {architecture}: {would}",
        f'pip install "{name}=={usable[-1]}" and train again, or train with Python 3.12 or newer'
        if usable
        else "train with Python 3.12 or newer, or with another package",
    )

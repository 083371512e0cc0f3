"""Checks of requirements: a name and its versions, or the URL of a wheel."""

import re
from collections.abc import Iterable

_WHEEL = re.compile(r"https://[^\s#]+\.whl#sha256=[0-9a-f]{64}", re.ASCII)
_HASHES = re.compile(r"(?: --hash=sha256:[0-9a-f]{64})+$", re.ASCII)


def problem_of(line: str) -> str:
    """Return the problem of a requirement, or "".

    pip would accept options after it, such as an index, and for anything but a wheel it would run
    the package's build code on this machine.
    """
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        found = Requirement(line)
    except InvalidRequirement:
        return "must be one requirement as pip writes it, such as pandas==2.3.3 (no options)"
    if found.url and not _WHEEL.fullmatch(found.url):
        return "must name a wheel and its hash if it has a URL: https://….whl#sha256=…"
    return ""


def canonical_name(name: str) -> str:
    """Return a distribution's normalized name (PyPA specification "Names and normalization")."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(line: str) -> str:
    """Return the normalized name in a requirement."""
    return canonical_name(re.split(r"[^\w.-]", line, maxsplit=1)[0])


def bare(line: str) -> str:
    """Return a line of a lock file without its hashes."""
    return _HASHES.sub("", line)


def hashes_of(line: str) -> tuple[str, ...]:
    """Return the SHA-256 hashes of the wheels that a line of a lock file allows."""
    found = _HASHES.search(line)
    return tuple(one.rpartition(":")[2] for one in found[0].split()) if found else ()


def hashed(line: str, sha256: Iterable[str]) -> str:
    """Return a line that allows only these wheels, for pip's hash-checking mode.

    Source: https://pip.pypa.io/en/stable/topics/secure-installs/
    """
    return " ".join((line, *(f"--hash=sha256:{one}" for one in sorted(set(sha256)))))

"""What a requirement may be: a name and its versions, or the address of one exact wheel."""

import re
from collections.abc import Iterable

_WHEEL = re.compile(r"https://[^\s#]+\.whl#sha256=[0-9a-f]{64}", re.ASCII)
_HASHES = re.compile(r"(?: --hash=sha256:[0-9a-f]{64})+$", re.ASCII)


def problem_of(line: str) -> str:
    """Return what a requirement must be and isn't, or "".

    pip would take options after it, such as an index; and of anything but a wheel it runs the
    code that builds it, on this machine, before anybody sees what it holds.
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
    """Return a distribution's normalised name (packaging's specification of names)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(line: str) -> str:
    """Return the normalised name that a requirement begins with."""
    return canonical_name(re.split(r"[^\w.-]", line, maxsplit=1)[0])


def bare(line: str) -> str:
    """Return a line of a lock file without its hashes."""
    return _HASHES.sub("", line)


def hashes_of(line: str) -> tuple[str, ...]:
    """Return the SHA-256 of the wheels that a line of a lock file allows."""
    found = _HASHES.search(line)
    return tuple(one.rpartition(":")[2] for one in found[0].split()) if found else ()


def hashed(line: str, sha256: Iterable[str]) -> str:
    """Return a line that allows these wheels only, as pip's hash-checking mode reads it.

    Source: https://pip.pypa.io/en/stable/topics/secure-installs/
    """
    return " ".join((line, *(f"--hash=sha256:{one}" for one in sorted(set(sha256)))))

"""Requirements as a bundle has them: each of one version, with the hashes of its wheels."""

import re
from collections.abc import Iterable, Mapping

from mldeploy.config.requirement import hashed, name_of, problem_of

_NAME = r"[A-Za-z0-9][\w.-]*(\[[\w.,-]*\])?"
_LOCKED = re.compile(rf"{_NAME}==[\w.!+*-]+", re.ASCII)
_OTHERWISE_LOCKED = re.compile(rf"{_NAME}\s*(==|@)[ -~]+", re.ASCII)
"""With a marker or a URL: rare, and handled by a parser that is slow to import."""


def locked(lines: Iterable[str], hashes: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    """Return requirements with the wheels' hashes, each map by normalised names."""
    maps = list(hashes)
    return tuple(
        hashed(line, [one[name] for one in maps if name in one])
        for line in lines
        for name in [name_of(line)]
    )


def is_locked(line: str) -> bool:
    """Return whether a requirement can only mean one version."""
    if _LOCKED.fullmatch(line):
        return True
    return bool(_OTHERWISE_LOCKED.fullmatch(line)) and not problem_of(line)

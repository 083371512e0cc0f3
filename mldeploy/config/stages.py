"""[stages]: names of stages, patterns such as "pr-*", and their time to live."""

import re
from collections.abc import Iterable
from datetime import timedelta

from mldeploy.config.limits import duration_in_seconds, require
from mldeploy.config.limits import name as a_name
from mldeploy.config.names import NAME

_PATTERN = re.compile(r"[a-z][a-z0-9-]*\*")
SECTION = f"^({NAME.pattern}|{_PATTERN.pattern})$"
"""The pattern of a section's name: a stage's name, or its first characters and `*`."""
_LIFE = (timedelta(hours=1), timedelta(days=365))


def section_name(value: str) -> str:
    """Check the name of a section of [stages]."""
    if not _PATTERN.fullmatch(value):
        try:
            a_name(value)
        except ValueError as error:
            message = f'{error}; or its first characters and `*`, such as "pr-*"'
            raise ValueError(message) from error
    return value


def section_of(stage: str, sections: Iterable[str]) -> str:
    """Return a stage's section: its own, else the longest matching pattern, or ""."""
    known = tuple(sections)
    if stage in known:
        return stage
    fitting = [one for one in known if one.endswith("*") and _fits(stage, one[:-1])]
    return max(fitting, key=len, default="")


def _fits(stage: str, beginning: str) -> bool:
    return stage.startswith(beginning) and len(stage) > len(beginning)


def time_to_live(value: str) -> str:
    """Check a time to live after the last release, such as 3d."""
    low, high = _LIFE
    life = timedelta(seconds=duration_in_seconds(value))
    require(low <= life <= high and " " not in value, "must be 1h to 365d, such as 3d")
    return value

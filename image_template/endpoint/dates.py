"""Dates and times in requests: ISO 8601, as a column of dates takes them."""

import re
from datetime import datetime
from typing import Any

_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}"
    r"([T ]\d{2}:\d{2}(:\d{2}(\.(?P<fraction>\d{1,9}))?)?(?P<zone>Z|[+-]\d{2}:\d{2})?)?"
)
_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_FIRST, _LAST = 1678, 2261
"""The years that 64 bits of nanoseconds hold whole (NumPy's documentation, "Datetime Units")."""


def problem_with(value: Any, storage: str) -> str:
    """Say what a column of this dtype takes, or "" where the value will do.

    Args:
        value: of a request.
        storage: such as "datetime64[ns]" or "datetime64[us, Europe/Berlin]".
    """
    unit, zone = parts_of(storage)
    kind = "a date and time with an offset" if zone else "a date, or a date and time, no offset"
    example = "2026-01-31T08:00:00+01:00" if zone else "2026-01-31T08:00:00"
    wanted = f"{kind}, such as {example}"
    matched = _ISO.fullmatch(value) if isinstance(value, str) else None
    moment = moment_of(value) if matched else None
    if matched is None or moment is None or bool(matched["zone"]) != bool(zone):
        return wanted
    if len((matched["fraction"] or "").rstrip("0")) > _DIGITS[unit]:
        return f"a time of at most {_DIGITS[unit]} digits after the second"
    if unit == "ns" and not _FIRST <= moment.year <= _LAST:
        return f"a year from {_FIRST} to {_LAST}"
    return ""


def parts_of(storage: str) -> tuple[str, str]:
    """Return the unit and the zone ("" without one) of a dtype."""
    unit, _, zone = storage.removeprefix("datetime64[").removesuffix("]").partition(", ")
    return unit, zone


def moment_of(text: str) -> datetime | None:
    """Return what a text of this form says, to the microsecond; None for no date at all."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None

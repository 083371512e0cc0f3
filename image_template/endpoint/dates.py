"""Dates and times of requests: ISO 8601 text as a number of units since 1970."""

import re
from datetime import date, datetime, timedelta
from typing import Any

_TEXT = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[Tt ](?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
    r"(?::(?P<second>[0-5]\d)(?:\.(?P<fraction>\d{1,40}))?)?"
    # pandas writes offsets from before the zone's first standard time with seconds: +00:53:28.
    r"(?P<offset>[Zz]|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d(?::[0-5]\d)?)?)?)?",
    re.ASCII,
)
_DIGITS: dict[str, int] = {"s": 0, "ms": 3, "us": 6, "ns": 9}
_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_YEARS = ((2 - _EPOCH) * _DAY, (date(9999, 12, 30).toordinal() - _EPOCH) * _DAY)
"""Seconds; a day less than Python's years at both ends, so that local times are inside them."""
_MOST = 2**63 - 1
"""Units; -2**63 is NumPy's NaT."""


class DateError(Exception):
    """A value that isn't a valid time for a column; the text says what was expected."""


def unit_of(storage: str) -> str:
    """Return the unit of "datetime64[us]" or "datetime64[us, Europe/Berlin]"; ns for others."""
    found = re.match(r"datetime64\[(\w+)", storage)
    return found[1] if found and found[1] in _DIGITS else "ns"


def zone_of(storage: str) -> str:
    """Return the time zone of "datetime64[us, Europe/Berlin]", or ""."""
    return storage.partition(", ")[2].removesuffix("]") if storage.startswith("datetime") else ""


def instant(value: Any, storage: str) -> int:
    """Return a time as units since 1970-01-01T00:00, in UTC if the storage has a zone.

    Raises:
        DateError: if the value isn't ISO 8601, if it has an offset but the storage has no zone or
            the other way round, or if the storage can't hold the time exactly.
    """
    zoned = bool(zone_of(storage))
    found = _TEXT.fullmatch(value) if isinstance(value, str) else None
    if found is None or bool(found["offset"]) != zoned:
        raise DateError(_expected(zoned=zoned))
    try:
        day = date(int(found["year"]), int(found["month"]), int(found["day"])).toordinal() - _EPOCH
    except ValueError as error:
        raise DateError(_expected(zoned=zoned)) from error
    time = int(found["hour"] or 0) * 3600 + int(found["minute"] or 0) * 60
    seconds = day * _DAY + time + int(found["second"] or 0) - _offset(found["offset"] or "")
    unit = unit_of(storage)
    units: int = seconds * 10 ** _DIGITS[unit] + _fraction(found["fraction"] or "", unit)
    if abs(units) > _MOST or (zoned and not _YEARS[0] <= seconds <= _YEARS[1]):
        raise DateError(_limits(unit))
    return units


def picked(value: Any, storage: str) -> str:
    """Return a time as a browser's picker writes it, in UTC if the storage has a zone.

    Raises:
        DateError: as `instant` does.
    """
    thousandths = instant(value, storage) * 1000 // 10 ** _DIGITS[unit_of(storage)]
    found = datetime(1970, 1, 1) + timedelta(milliseconds=thousandths)  # noqa: DTZ001 - UTC or none
    return found.isoformat(timespec="milliseconds" if thousandths % 1000 else "seconds")


def _expected(*, zoned: bool) -> str:
    if zoned:
        return "an ISO 8601 date and time with an offset, such as '2026-05-01T13:45:00+02:00'"
    return "an ISO 8601 date or time without an offset, such as '2026-05-01T13:45:00'"


def _limits(unit: str) -> str:
    if unit == "ns":
        return "a time from 1677-09-22 to 2262-04-10, the range of nanoseconds"
    return "a time from 0001-01-02 to 9999-12-30"


def _fraction(digits: str, unit: str) -> int:
    """Return the decimals of a second as units.

    Raises:
        DateError: if the unit is too coarse.
    """
    kept = _DIGITS[unit]
    if digits[kept:].strip("0"):
        decimals = f"at most {kept} decimals of a second" if kept else "no fraction of a second"
        raise DateError(f"a time with {decimals} (the column's unit is {unit})")
    return int(digits[:kept].ljust(kept, "0") or 0)


def _offset(text: str) -> int:
    """Return "+02:00", "+0200" or "+02" as seconds; Z is 0."""
    digits = re.sub(r"\D", "", text).ljust(6, "0")
    seconds = int(digits[:2]) * 3600 + int(digits[2:4]) * 60 + int(digits[4:])
    return -seconds if text.startswith("-") else seconds

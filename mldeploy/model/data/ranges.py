"""The published range of a column, rounded outward so that it reveals no row's value."""

import sys
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import Any

from mldeploy.facts.thresholds import SHARED
from mldeploy.model.json_values import plain

Range = dict[str, Any]

_WHOLE_STEP = 10
"""The minimum step for integers: rounding to 1 wouldn't change them."""
_FLOAT32 = 3.4028234663852886e38
_MOST = {"float16": 65504.0, "float32": _FLOAT32}
_YEARS, _MONTHS, _DAYS = 2 * 366, 62, 2
"""Days that a range of times spans at least, to be rounded to years, to months, to days."""


def range_of_numbers(known: Any, storage: str) -> Range:
    """Return minimum and maximum, each rounded outward unless `SHARED` rows have it.

    The step is the power of ten below the width of the range: 4.3 to 7.9 becomes 4 to 8, and 15.03
    to 74.97 becomes 10 to 80. For integers it is at least 10.

    Args:
        known: an array or a Series of numbers without missing values.
        storage: its dtype, whose limits the result doesn't exceed.
    """
    if not len(known):
        return {}
    low, high = plain(known.min()), plain(known.max())
    step = step_of(low, high)
    least, most = _limits(storage, max(abs(low), abs(high)))
    if not _is_shared(known, low):
        low = max(least, rounded(low, step, ROUND_FLOOR))
    if not _is_shared(known, high):
        high = min(most, rounded(high, step, ROUND_CEILING))
    return {"minimum": low, "maximum": high}


def step_of(low: Any, high: Any) -> Decimal:
    """Return the power of ten at or below the width of a range; of one value below its size."""
    width = _decimal(high) - _decimal(low) or abs(_decimal(high)) or Decimal(1)
    step = Decimal(1).scaleb(width.adjusted())
    return max(step, Decimal(_WHOLE_STEP)) if isinstance(low, int) else step


def rounded(value: Any, step: Decimal, how: str = ROUND_HALF_EVEN) -> Any:
    """Return a number rounded to a multiple of a power of ten, in the same type."""
    found = _decimal(value).scaleb(-step.adjusted()).to_integral_value(how)
    return type(value)(found.scaleb(step.adjusted()))


def _decimal(value: Any) -> Decimal:
    return Decimal(repr(value))


def _is_shared(known: Any, value: Any) -> bool:
    return int((known == value).sum()) >= SHARED


def _limits(storage: str, largest: float) -> tuple[Any, Any]:
    """Return a dtype's limits; for 64-bit floats those of the endpoint, which fit 32 bits."""
    import numpy as np

    name = storage.lower()
    if name.startswith(("int", "uint")):
        known = np.iinfo(name)
        return int(known.min), int(known.max)
    most = _MOST.get(name, _FLOAT32 if largest <= _FLOAT32 else sys.float_info.max)
    return -most, most


def range_of_times(known: Any) -> Range:
    """Return the first and the last time as ISO 8601, rounded outward as `range_of_numbers` does.

    The step is an hour, a day, a month or a year, depending on the range. Times with a zone are
    in UTC. A range that can't be rounded within the dtype has no limits.

    Args:
        known: a Series of times without missing values.
    """
    if not len(known):
        return {}
    low, high = known.min(), known.max()
    try:
        days = high.date().toordinal() - low.date().toordinal()
        first = low if _is_shared(known, low) else floor(low, days)
        last = high if _is_shared(known, high) else _ceiling(high, days)
    except (ValueError, OverflowError, NotImplementedError):
        return {}
    return {"minimum": str(first.isoformat()), "maximum": str(last.isoformat())}


def floor(time: Any, days: int) -> Any:
    """Return the start of a time's year, month, day or hour, by the days that a range spans."""
    import pandas as pd

    unit, time = time.unit, time if time.tz is None else time.tz_convert("UTC")
    start = {"hour": time.hour} if days < _DAYS else {}
    start |= {"day": time.day} if days < _MONTHS else {"day": 1}
    start |= {"month": time.month} if days < _YEARS else {"month": 1}
    return pd.Timestamp(year=time.year, tz=time.tz, **start).as_unit(unit)


def _ceiling(time: Any, days: int) -> Any:
    """Return the end of a time's year, month, day or hour, or the time itself if it starts one."""
    import pandas as pd

    start = floor(time, days)
    if start == time:
        return start
    one = "hours" if days < _DAYS else "days" if days < _MONTHS else "months"
    count = 12 if days >= _YEARS else 1
    return (start + pd.DateOffset(**{one: count})).as_unit(start.unit)

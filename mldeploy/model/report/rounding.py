"""Numbers of a report, rounded: it shows no more digits than a person reads."""

import math
from collections.abc import Iterable
from typing import Any

_DIGITS = 4


def short(value: Any, digits: int = _DIGITS) -> float | None:
    """Return a number with few significant digits; None if it isn't finite."""
    number = float(value)
    return float(f"{number:.{digits}g}") if math.isfinite(number) else None


def shorts(values: Iterable[Any], digits: int = _DIGITS) -> list[float | None]:
    """Return each number with few significant digits."""
    return [short(one, digits) for one in values]

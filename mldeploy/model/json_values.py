"""Single values, as JSON has them."""

import math
from typing import Any


def plain(value: Any) -> Any:
    """Return a value in JSON's types; None for values that JSON can't represent."""
    if hasattr(value, "item"):
        value = value.item()
    if is_missing(value) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value


def is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN, or pandas' NA or NaT."""
    # A comparison with NA is NA, which is neither true nor false.
    return (
        value is None or type(value).__name__ in {"NAType", "NaTType"} or bool(value != value)  # noqa: PLR0124 - NaN
    )

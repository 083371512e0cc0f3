"""The event that keeps an environment warm; every handler answers it alike."""

import time
from typing import Any

_MOST_HOLD = 1.0


def warmed_up(event: dict[str, Any]) -> dict[str, Any]:
    """Answer a warm-up event, after the time for which it occupies its environment."""
    time.sleep(held(event.get("hold")))
    return {"mldeploy": "warm"}


def held(seconds: Any) -> float:
    """Return for how long a warm-up event occupies its environment, so that the next needs another.

    It is billed, and no request is answered here meanwhile: 0 to 1 second.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return 0.0
    return float(min(_MOST_HOLD, seconds)) if seconds > 0 else 0.0  # not more than 0: a NaN, too

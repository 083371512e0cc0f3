"""The event `warmup`, which keeps an environment warm. Every handler responds alike."""

import time
from typing import Any

_MOST_HOLD = 1.0


def warmed_up(event: dict[str, Any]) -> dict[str, Any]:
    """Respond after the time for which the event occupies its environment."""
    time.sleep(held(event.get("hold")))
    return {"mldeploy": "warm"}


def held(seconds: Any) -> float:
    """Return for how long a warm-up event occupies its environment, 0 to 1 second.

    Meanwhile the next event needs another environment. The time is billed, and this environment
    handles no request.
    """
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return 0.0
    return float(min(_MOST_HOLD, seconds)) if seconds > 0 else 0.0  # a NaN isn't over 0

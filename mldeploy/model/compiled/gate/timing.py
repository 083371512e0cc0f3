"""Times what a request costs: from its JSON to the JSON of its response.

`clean.py` imports it by its path, so it may import nothing of mldeploy.
"""

import json
import time
from collections.abc import Callable
from typing import Any

_RUNS = 5
_SECONDS = 0.05
"""After so long, no more runs than three."""


def seconds_of(table: Callable[[Any], Any], calls: list[Callable[[Any], Any]], body: str) -> float:
    """Return the processor time of a request in seconds, the least of some runs.

    Other programs that run at the same time don't count in it.

    Args:
        table: makes the model's input from rows.
        calls: the model's methods.
        body: the rows, as JSON.
    """
    best, spent = float("inf"), 0.0
    for run in range(_RUNS):
        begin = time.process_time()
        x = table(json.loads(body))
        for call in calls:
            json.dumps(call(x), default=_plain)
        seconds = time.process_time() - begin
        best, spent = min(best, seconds), spent + seconds
        if run > 1 and spent > _SECONDS:
            break
    return best


def _plain(found: Any) -> Any:
    # scipy's sparse arrays and DataFrames have no `tolist`.
    for convert in ("toarray", "to_numpy", "tolist"):
        if hasattr(found, convert):
            return getattr(found, convert)()
    return str(found)

"""Times a model. `clean.py` imports it by its path, so it may import nothing of mldeploy."""

import time
from collections.abc import Callable
from typing import Any


def seconds_of(table: Callable[[Any], Any], calls: list[Callable[[Any], Any]], rows: Any) -> float:
    """Return the processor time that a model takes for rows, in seconds.

    What other programs do at the same time doesn't count in it.

    Args:
        table: makes the model's input.
        calls: its methods.
        rows: of a request.
    """
    begin = time.process_time()
    x = table(rows)
    for call in calls:
        call(x)
    return time.process_time() - begin

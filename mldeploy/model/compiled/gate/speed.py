"""Compares how long a compiled model and its estimator take for requests."""

import json
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from mldeploy.model.compiled.gate.timing import seconds_of
from mldeploy.model.data.signature import rows_as_json
from mldeploy.model.proof.outputs import chosen
from mldeploy.model.sequential import sequential

COUNTS = (1, 10, 1000)
"""Rows of the requests."""
_FACTOR, _SECONDS = 0.25, 0.005
"""A difference below this share of a request's time, or this time, may be the machine's."""
_RUNS, _LONG = 7, 0.2
"""Runs of both; after so many seconds, no more than three."""
_ROUNDS = 3
"""So often the compiled model must lose."""


def requests_of(x: Any) -> list[list[list[Any]]]:
    """Return requests with rows of training, which are repeated where they are too few."""
    return [rows_as_json(x, _numbers(x, count)) for count in COUNTS]


def slower(
    estimator: Any,
    x: Any,
    methods: tuple[str, ...],
    requests: list[list[list[Any]]],
    compiled: Callable[[int], float],
) -> str:
    """Return for which request the compiled model takes longer; "" for none.

    Both take turns, because a processor's speed changes.

    Args:
        estimator: fitted.
        x: X of training.
        methods: that the endpoint calls.
        requests: of `requests_of`.
        compiled: returns the seconds that the compiled model takes for a request, by its number.
    """
    from threadpoolctl import threadpool_limits

    calls = [getattr(estimator, method) for method in methods]
    with warnings.catch_warnings(), sequential(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        for number, rows in enumerate(requests):
            make = partial(_table, x, chosen(x, _numbers(x, len(rows))))
            both = partial(compiled, number), partial(seconds_of, make, calls, rows)
            rounds = [_least(*both)]
            while _loses(*rounds[-1], rows):
                if len(rounds) == _ROUNDS:
                    ours, theirs = (1000 * min(one) for one in zip(*rounds, strict=True))
                    return f"{len(rows):,} rows take {ours:.0f} ms, {theirs:.0f} with the estimator"
                rounds.append(_least(*both))
    return ""


def _loses(ours: float, theirs: float, rows: Any) -> bool:
    more = ours - theirs
    return more > _SECONDS and more > _FACTOR * (theirs + _reading(rows))


def _least(first: Callable[[], float], second: Callable[[], float]) -> tuple[float, float]:
    """Return the least seconds of both."""
    found: list[tuple[float, float]] = []
    end = time.monotonic() + _LONG
    while len(found) < _RUNS and (len(found) < 3 or time.monotonic() < end):  # noqa: PLR2004
        found.append((first(), second()))
    return min(one for one, _ in found), min(one for _, one in found)


def _reading(rows: Any) -> float:
    """Return the seconds for the JSON of a request, which are the same for both."""
    return seconds_of(json.dumps, [json.loads], rows)


def _table(x: Any, table: Any, rows: Any) -> Any:
    """Make a table of rows of JSON, and return the same in the form of x.

    Missing values and dates of x may have another form than those of the rows.
    """
    import numpy as np

    if hasattr(x, "columns"):
        type(x)(rows, columns=x.columns)
    else:
        np.array(rows, dtype=x.dtype)
    return table


def _numbers(x: Any, count: int) -> list[int]:
    return [number % len(x) for number in range(count)]

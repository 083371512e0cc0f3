"""Compares what requests cost: those of the compiled model, and those of its estimator."""

import json
import warnings
from functools import partial
from typing import Any

from mldeploy.model.compiled.gate.timing import seconds_of
from mldeploy.model.data.signature import rows_as_json
from mldeploy.model.proof.outputs import chosen
from mldeploy.model.sequential import sequential

COUNTS = (1, 10, 1000)
"""Rows of the requests."""
_FACTOR, _SECONDS = 1.25, 0.005
"""A difference below one of them may be the machine's."""


def requests_of(x: Any) -> list[str]:
    """Return requests with rows of training, which are repeated where they are too few."""
    return [json.dumps(rows_as_json(x, _numbers(x, count))) for count in COUNTS]


def slower(estimator: Any, x: Any, methods: tuple[str, ...], compiled: list[float]) -> str:
    """Return for which requests the compiled model takes longer; "" for none.

    Args:
        estimator: fitted.
        x: X of training.
        methods: that the endpoint calls.
        compiled: seconds of processor time for the requests of `requests_of`.
    """
    from threadpoolctl import threadpool_limits

    calls = [getattr(estimator, method) for method in methods]
    with warnings.catch_warnings(), sequential(), threadpool_limits(1):
        warnings.simplefilter("ignore")
        for count, body, ours in zip(COUNTS, requests_of(x), compiled, strict=True):
            make = partial(_table, x, chosen(x, _numbers(x, count)))
            theirs = seconds_of(make, calls, body)
            if ours > max(_FACTOR * theirs, theirs + _SECONDS):
                return (
                    f"a request of {count:,} rows takes {1000 * ours:.0f} ms, "
                    f"with the estimator {1000 * theirs:.0f} ms"
                )
    return ""


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

"""Selects rows to verify a model: golden examples, and rows that differ most."""

from collections.abc import Iterator
from typing import Any

from mldeploy.model.json_values import is_missing

GOLDEN_ROWS = 20
PROOF_ROWS = 220
"""Of them the golden ones come first."""

_MOST_CATEGORIES = 20
"""Of one column, so that rows for the other columns are left."""


def proof_rows(x: Any, y: Any, held_out: list[int]) -> list[int]:
    """Return the golden rows and others after them, each row once.

    The others are spread over classes, missing values, categories and extremes of each column;
    what is left of PROOF_ROWS is drawn by chance, with a fixed seed.

    Args:
        x: all rows.
        y: of shape (rows,) or (rows, outputs), or None.
        held_out: rows that the model wasn't fitted on; empty for none.
    """
    import numpy as np

    golden = spread(held_out or list(range(len(x))), y, GOLDEN_ROWS)
    found = dict.fromkeys(golden)
    for row in _telling(x, y):
        if len(found) >= PROOF_ROWS:
            return list(found)
        found.setdefault(row)
    for row in np.random.default_rng(0).permutation(len(x)).tolist():
        if len(found) >= PROOF_ROWS:
            break
        found.setdefault(row)
    return list(found)


def spread(rows: list[int], y: Any, count: int) -> list[int]:
    """Return `count` of the rows, evenly over the values of y."""
    ordered = rows if y is None or y.ndim > 1 else sorted(rows, key=lambda row: y[row])
    count = min(count, len(ordered))
    return [ordered[number * len(ordered) // count] for number in range(count)]


def _telling(x: Any, y: Any) -> Iterator[int]:
    """Yield informative rows: of each class, and of each column in turn."""
    import numpy as np

    if y is not None and y.ndim == 1 and y.dtype.kind != "f":
        _, first = np.unique(y, return_index=True)
        yield from first.tolist()
    columns = [_rows_of_column(column) for column in _columns(x)]
    while columns:
        for one in list(columns):
            row = next(one, None)
            if row is None:
                columns.remove(one)
            else:
                yield row


def _columns(x: Any) -> Iterator[Any]:
    if hasattr(x, "iloc") and hasattr(x, "columns"):
        yield from (x.iloc[:, number] for number in range(x.shape[1]))
    elif x.ndim > 1:
        yield from x.T
    else:
        yield x


def _rows_of_column(column: Any) -> Iterator[int]:
    """Yield rows with a missing value, the minimum, the maximum, and one per category."""
    import numpy as np

    if getattr(column.dtype, "kind", "O") in "iufM":
        known = column.to_numpy() if hasattr(column, "to_numpy") else column
        gaps = np.asarray(column.isna()) if hasattr(column, "isna") else known != known  # noqa: PLR0124 - NaN
        yield from np.flatnonzero(gaps)[:1].tolist()
        there = np.flatnonzero(~np.asarray(gaps, dtype=bool))
        if len(there):
            order = there[np.argsort(known[there], kind="stable")]
            yield from (int(order[0]), int(order[-1]))
        return
    values = column.tolist()
    gap = next((row for row, value in enumerate(values) if is_missing(value)), None)
    yield from [] if gap is None else [gap]
    first: dict[Any, int] = {}
    for row, value in enumerate(values):
        if len(first) >= _MOST_CATEGORIES:
            break
        if not is_missing(value):
            first.setdefault(value, row)
    yield from first.values()

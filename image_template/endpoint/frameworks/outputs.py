"""The outputs of estimators as arrays with one entry per row.

Estimators return arrays, lists, DataFrames, sparse matrices or tensors.
"""

from typing import Any


def per_row(found: Any, count: int) -> Any:
    """Return predictions or scores with one value per row if they have a single column.

    Raises:
        RuntimeError: if there isn't one entry per row.
    """
    array = table_of(found, count)
    return array.reshape(count) if array.shape[1:] == (1,) else array


def table_of(found: Any, count: int) -> Any:
    """Return an array whose first dimension is the rows.

    Raises:
        RuntimeError: if there isn't one entry per row.
    """
    if type(found).__module__ != "numpy":
        found = _dense(found)
    if found.ndim == 0 or (count == 1 and found.ndim == 1 and found.shape[0] > 1):
        found = found.reshape(1, -1) if found.ndim else found.reshape(1)
    if len(found) != count:
        raise RuntimeError(f"the model returned {len(found)} predictions for {count} rows")
    return found


def _dense(found: Any) -> Any:
    import numpy as np

    if hasattr(found, "toarray"):
        found = found.toarray()  # scipy's sparse matrices
    if hasattr(found, "detach"):
        found = found.detach().cpu()  # torch's tensors
    if hasattr(found, "to_numpy"):
        found = found.to_numpy()  # pandas
    return np.asarray(found)


def scores_of(found: Any, count: int) -> Any:
    """Return one array per output, or one array for all; the columns are classes."""
    if isinstance(found, list | tuple) and len(found) and getattr(found[0], "ndim", 0) > 1:
        return [table_of(output, count) for output in found]
    return table_of(found, count)

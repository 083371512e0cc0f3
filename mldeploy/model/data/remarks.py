"""What is probably a mistake in X, although the model can be fitted and served."""

from collections.abc import Iterator
from typing import Any


def remarks(x: Any, y: Any, estimator: Any) -> Iterator[str]:
    """Yield a sentence for columns of a DataFrame that clients needn't or can't send.

    Args:
        x: a DataFrame or an array; of an array nothing is said.
        y: of shape (rows,), or None.
        estimator: fitted.
    """
    if not hasattr(x, "columns"):
        return
    for name in _equal_to(x, y):
        yield f"column {name!r} of X equals y, which clients don't know: drop it from X"
    unused = _unused(list(x.columns), estimator)
    if unused:
        named = ", ".join(map(repr, unused[:_MOST]))
        more = ", …" if len(unused) > _MOST else ""
        yield (
            f"the model doesn't use {named}{more}, but clients must send it: drop it from X"
            if len(unused) == 1
            else f"the model doesn't use {named}{more}, but clients must send them: drop them "
            "from X"
        )


_MOST = 5


def _equal_to(x: Any, y: Any) -> list[Any]:
    """Return the labels of the columns with the values of y."""
    if y is None or y.ndim != 1:
        return []
    wanted = y.tolist()
    return [
        name
        for number, name in enumerate(x.columns)
        # y has no gaps, and pandas' own NA can't be compared.
        if not x.iloc[:, number].isna().any() and x.iloc[:, number].tolist() == wanted
    ]


def _unused(names: list[Any], estimator: Any) -> list[Any]:
    """Return the columns that a pipeline's first ColumnTransformer drops."""
    steps = getattr(estimator, "steps", None)
    first = steps[0][1] if steps else estimator
    rows = getattr(first, "transformers_", None)
    if rows is None or not hasattr(first, "remainder"):
        return []
    used: set[Any] = set()
    for _, transformer, columns in rows:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        found = _labels(columns, names)
        if found is None:
            return []
        used |= found
    return [one for one in names if one not in used]


def _labels(columns: Any, names: list[Any]) -> set[Any] | None:
    """Return the labels of a transformer's columns; None for a form that isn't known.

    scikit-learn has labels, positions, a slice of either, or a mask (ColumnTransformer).
    """
    import numpy as np

    if isinstance(columns, slice):
        ends = (columns.start, columns.stop)
        if any(isinstance(one, str) for one in ends):
            return None
        return set(names[columns])
    listed = [columns] if isinstance(columns, str | int) else list(columns)
    if listed and all(isinstance(one, bool | np.bool) for one in listed):
        return {name for name, one in zip(names, listed, strict=True) if one}
    if all(isinstance(one, str) for one in listed):
        return set(listed)
    if all(isinstance(one, int | np.integer) for one in listed):
        return {names[int(one)] for one in listed}
    return None

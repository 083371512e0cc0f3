"""Optional results of `data()`: sample weights, and splits for cross-validation."""

from typing import Any

KEYS = ("sample_weight", "cv")
"""The optional keys of a dict or Bunch that `data()` returns."""


def checked_weights(weights: Any, rows: int) -> Any:
    """Return sample weights as an array of floats of shape (rows,), or None for None.

    Raises:
        ValueError: the text states the problem.
    """
    import numpy as np

    if weights is None:
        return None
    try:
        found = np.asarray(weights, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError("sample_weight must be numbers, one per row") from error
    found = found.ravel() if found.shape == (rows, 1) else found
    if found.shape != (rows,):
        shape = found.shape if found.ndim != 1 else f"{len(found)} values"
        message = f"sample_weight must be one number per row: got {shape} for {rows} rows"
        raise ValueError(message)
    if not (np.isfinite(found) & (found >= 0)).all():
        number = int((~(np.isfinite(found) & (found >= 0))).sum())
        message = f"sample_weight must be finite numbers of 0 or more: {number} of {rows} aren't"
        raise ValueError(message)
    if not found.any():
        raise ValueError("sample_weight is 0 for every row, so nothing can be learned")
    return found


def checked_splitter(splitter: Any, rows: int) -> Any:
    """Return a splitter unchanged, pairs of indices as lists of integers, None for None.

    Raises:
        ValueError: the text states the problem.
    """
    if splitter is None or callable(getattr(splitter, "split", None)):
        return splitter
    if isinstance(splitter, int | float | str) or not hasattr(splitter, "__iter__"):
        kind = type(splitter).__name__
        message = (
            f"cv must be a scikit-learn splitter, or pairs of train and test indices; got "
            f"{kind} (the number of folds is set by [training] cv)"
        )
        raise ValueError(message)
    pairs = []
    for pair in splitter:
        if not hasattr(pair, "__len__") or len(pair) != 2:  # noqa: PLR2004 - train and test
            raise ValueError("each element of cv must be a pair (train indices, test indices)")
        pairs.append((_indices(pair[0], rows), _indices(pair[1], rows)))
    if not pairs:
        raise ValueError("cv has no splits")
    return pairs


def _indices(given: Any, rows: int) -> list[int]:
    import numpy as np

    found = np.asarray(given)
    if found.ndim != 1 or not len(found) or found.dtype.kind not in "iu":
        message = (
            f"cv must contain row numbers (whole numbers, 0 to {rows - 1}) in train and in test"
        )
        raise ValueError(message)
    if int(found.min()) < 0 or int(found.max()) >= rows:
        message = f"cv names row {found.max() if found.min() >= 0 else found.min()}, and data() has"
        message += f" the rows 0 to {rows - 1}"
        raise ValueError(message)
    return [int(one) for one in found]

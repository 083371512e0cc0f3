"""What a fitted estimator says of rows, in plain Python: the truth that the endpoint is held to.

The endpoint has code of its own for this; the two share nothing, so that neither proves itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mldeploy.errors import MldeployError

_SCORES = {
    "classification": ("predict_proba", "decision_function"),
    "outliers": ("decision_function", "score_samples"),
}
"""By task: the methods that say more than the answer itself; the first that works is asked."""


@dataclass(frozen=True)
class Outputs:
    """An estimator's answers to some rows.

    Attributes:
        answers: of `predict`, or of `transform` without one: an array of shape (rows,) or
            (rows, values).
        scores: of the method: an array of shape (rows,) or (rows, columns), or a list of them,
            one per output; None without a method.
        method: "predict_proba", "decision_function", "score_samples", or "".
    """

    answers: Any
    scores: Any = None
    method: str = ""


def ask(estimator: Any, x: Any, task: str, method: str | None = None) -> Outputs:
    """Ask an estimator for its answers to the rows of x.

    Args:
        estimator: fitted.
        x: the rows as training had them.
        task: as `tasks.task_of` has it.
        method: which says more; None to find out which one works.

    Raises:
        MldeployError: MLD224 where the answers aren't one per row.
    """
    count = len(x)
    if task == "transform":
        table = _rows(estimator.transform(x), count, "transform", flat=False)
        return Outputs(table.reshape(count, -1) if table.ndim == 1 else table)
    values = _rows(estimator.predict(x), count, "predict", flat=True)
    if method is not None:
        return Outputs(values, _scores(estimator, x, method), method) if method else Outputs(values)
    for name in _SCORES.get(task, ()):
        try:
            return Outputs(values, _scores(estimator, x, name), name)
        except (AttributeError, NotImplementedError):
            continue  # scikit-learn's way to say that this one has no such method
    return Outputs(values)


def _scores(estimator: Any, x: Any, method: str) -> Any:
    found = getattr(estimator, method)(x)
    if isinstance(found, list | tuple) and len(found) and getattr(found[0], "ndim", 0) > 1:
        return [_rows(one, len(x), method, flat=False) for one in found]
    return _rows(found, len(x), method, flat=method != "predict_proba")


def _rows(found: Any, count: int, method: str, *, flat: bool) -> Any:
    """Return an array with one entry per row.

    Args:
        found: what the method returned: an array, a list, a DataFrame, a sparse matrix, a tensor.
        count: how many rows were asked.
        method: for the message.
        flat: whether one column is one value per row.

    Raises:
        MldeployError: MLD224.
    """
    import numpy as np

    for convert in ("toarray", "detach", "to_numpy"):
        if hasattr(found, convert):
            found = getattr(found, convert)()
    array = np.asarray(found)
    if count == 1 and array.shape[:1] != (1,):
        # Some answer one row with its values alone.
        array = array.reshape(1, *array.shape) if array.ndim < 2 and array.size else array  # noqa: PLR2004
    if array.ndim == 0 or len(array) != count:
        shape = "one value" if array.ndim == 0 else f"{len(array)} answers"
        raise MldeployError(
            "MLD224",
            f"{method} returns {shape} for {count} row{'s' if count != 1 else ''}",
            "remove steps that drop rows: a served model must predict every row",
        )
    return array.reshape(count) if flat and array.shape[1:] == (1,) else array


def one_by_one(
    estimator: Any, x: Any, task: str, method: str, enough: Callable[[int], bool]
) -> Any:
    """Ask for each row alone, as a request of one row does, until that is enough.

    Args:
        estimator: fitted.
        x: the rows.
        task: of the estimator.
        method: that says more, or "".
        enough: gets the number of rows that were asked, and says whether to stop.

    Returns:
        A list of Outputs, each of one row.

    Raises:
        MldeployError: MLD224 where one row alone fails, or isn't answered as one.
    """
    found: list[Outputs] = []
    while len(found) < len(x) and not enough(len(found)):
        row = _one(x, len(found))
        try:
            found.append(ask(estimator, row, task, method))
        except MldeployError:
            raise
        except Exception as error:
            raise MldeployError(
                "MLD224",
                "the estimator predicts many rows together, but fails for a single row: "
                f"{type(error).__name__}: {error}",
                "make the estimator predict a single row, because a request may contain only one",
                details=(("row", str(len(found))),),
            ) from error
    return found


def _one(x: Any, number: int) -> Any:
    rows = slice(number, number + 1)
    return x.iloc[rows] if hasattr(x, "iloc") else x[rows]


def chosen(x: Any, rows: list[int]) -> Any:
    """Return some rows of X as they are, with dtypes and index."""
    return x.iloc[rows] if hasattr(x, "iloc") else x[rows]

"""A fitted estimator's outputs in plain Python, to verify the endpoint.

The endpoint has separate code for this and shares nothing with it, so that neither verifies itself.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mldeploy.errors import MldeployError

_SCORES = {
    "classification": ("predict_proba", "decision_function"),
    "outliers": ("decision_function", "score_samples"),
}
"""Methods with scores by task; the first that works is used."""


@dataclass(frozen=True)
class Outputs:
    """An estimator's outputs for some rows.

    Attributes:
        answers: of `predict`, or else of `transform`: an array of shape (rows,) or (rows, values).
        scores: of the method: an array of shape (rows,) or (rows, columns), or a list of them,
            one per output; None without a method.
        method: "predict_proba", "decision_function", "score_samples", or "".
    """

    answers: Any
    scores: Any = None
    method: str = ""


def with_method(found: Outputs, method: str) -> Outputs:
    """Return the outputs without scores, unless they are served."""
    return Outputs(found.answers, found.scores if method else None, method)


def ask(estimator: Any, x: Any, task: str, method: str | None = None) -> Outputs:
    """Return an estimator's outputs for the rows of x.

    Args:
        estimator: fitted.
        x: the rows, in the form of training.
        task: from `tasks.task_of`.
        method: for scores; None to detect one that works.

    Raises:
        MldeployError: MLD224 if there isn't one output per row.
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
            continue  # how scikit-learn reports a missing method
    return Outputs(values)


def _scores(estimator: Any, x: Any, method: str) -> Any:
    found = getattr(estimator, method)(x)
    if isinstance(found, list | tuple) and len(found) and getattr(found[0], "ndim", 0) > 1:
        return [_rows(one, len(x), method, flat=False) for one in found]
    return _rows(found, len(x), method, flat=method != "predict_proba")


def _rows(found: Any, count: int, method: str, *, flat: bool) -> Any:
    """Return an array with one entry per row.

    Args:
        found: the method's result: an array, a list, a DataFrame, a sparse matrix, a tensor.
        count: number of rows.
        method: for the message.
        flat: whether a single column is one value per row.

    Raises:
        MldeployError: MLD224.
    """
    import numpy as np

    for convert in ("toarray", "detach", "to_numpy"):
        if hasattr(found, convert):
            found = getattr(found, convert)()
    array = np.asarray(found)
    if count == 1 and array.shape[:1] != (1,):
        # Some return the values alone for a single row.
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
    """Predict each row alone, as for a request of one row, until that is enough.

    Args:
        estimator: fitted.
        x: the rows.
        task: of the estimator.
        method: for scores, or "".
        enough: receives the number of predicted rows, and returns whether to stop.

    Returns:
    A list of Outputs, each of one row.

    Raises:
        MldeployError: MLD224 if a row alone fails, or doesn't return one output.
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
    """Return some rows of X unchanged, with dtypes and index."""
    return x.iloc[rows] if hasattr(x, "iloc") else x[rows]

"""Permutation importance of the columns, on rows that the model wasn't fitted on."""

import time
import warnings
from collections.abc import Callable
from typing import Any

from mldeploy.model.measures.splits import SEED
from mldeploy.model.report.asked import Asked
from mldeploy.model.report.rounding import short

Data = dict[str, Any]
MOST_ROWS = 500
_REPEATS = (5, 1)
"""The first for which there is time. A number from a clock would make equal trainings differ."""
SECONDS = 3.0
"""The time that it may take."""


def importance_of(
    asked: Asked,
    x: Any,
    y: Any,
    names: list[str],
    clock: Callable[[], float] = time.perf_counter,
) -> Data:
    """Return how much worse each column's shuffled values make the model.

    Args:
        asked: the model, fitted on other rows.
        x: rows in the form of requests, of two dimensions.
        y: their values.
        names: of the columns.
        clock: in seconds.

    Returns:
        "columns", the strongest first, each with a mean and a standard deviation over the repeats;
        or only a "note" that says why it isn't measured.
    """
    from sklearn.inspection import permutation_importance
    from sklearn.metrics import accuracy_score, r2_score

    numbers = asked.task == "regression"
    metric, score = ("r2", r2_score) if numbers else ("accuracy", accuracy_score)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        asked.predict(x)
        started = clock()
        asked.predict(x)
        each = (clock() - started) * len(names)
        repeats = next((one for one in _REPEATS if one * each <= SECONDS), 0)
        if not repeats:
            return {"note": f"not measured: it would take longer than {SECONDS:.0f} s"}
        found = permutation_importance(
            _Fitted(asked),
            x,
            y,
            scoring=lambda model, rows, true: score(true, model.predict(rows)),
            n_repeats=repeats,
            random_state=SEED,
        )
    pairs = zip(names, found.importances_mean, found.importances_std, strict=True)
    columns = [{"name": name, "mean": short(mean), "std": short(std)} for name, mean, std in pairs]
    return {
        "metric": metric,
        "rows": len(x),
        "repeats": repeats,
        "columns": sorted(columns, key=lambda one: -(one["mean"] or 0.0)),
    }


class _Fitted:
    """What scikit-learn takes for a fitted estimator."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def fit(self, *_arguments: Any) -> "_Fitted":
        """Return itself."""
        return self

    def predict(self, x: Any) -> Any:
        """Return the model's predictions."""
        return self._asked.predict(x)

"""The metrics that are measured, and the thresholds that a user sets on them."""

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from mldeploy.errors import MldeployError

SCORERS: dict[str, dict[str, str]] = {
    "classification": {"accuracy": "accuracy", "f1_macro": "f1_macro"},
    "regression": {
        "r2": "r2",
        "mae": "neg_mean_absolute_error",
        "rmse": "neg_root_mean_squared_error",
    },
}
"""By task: our names → scikit-learn's scorers, whose `neg_` ones are turned round. Other tasks have
none."""

Scorer = str | Callable[[Any, Any, Any], float]


def scorers_of(task: str, *, several: bool = False) -> dict[str, Scorer]:
    """Return the scorers of a task, by our names.

    scikit-learn has none for several classes a row: theirs is the mean over the outputs.
    """
    if several and task == "classification":
        from sklearn.metrics import accuracy_score, f1_score

        return {
            "accuracy": partial(_mean_over_outputs, accuracy_score),
            "f1_macro": partial(_mean_over_outputs, partial(f1_score, average="macro")),
        }
    return dict(SCORERS.get(task, {}))


def _mean_over_outputs(
    measure: Callable[[Any, Any], float], estimator: Any, x: Any, y: Any
) -> float:
    predicted = estimator.predict(x)
    scores = [measure(y[:, n], predicted[:, n]) for n in range(y.shape[1])]
    return float(sum(scores) / len(scores))


def is_error(name: str) -> bool:
    """Tell whether a metric is better when it is smaller."""
    return any(one.get(name, "").startswith("neg_") for one in SCORERS.values())


def parse_thresholds(given: Iterable[str]) -> dict[str, float]:
    """Parse NAME=VALUE.

    Raises:
        MldeployError: MLD112 for another form, or for a name that no task measures.
    """
    found: dict[str, float] = {}
    known = sorted({name for names in SCORERS.values() for name in names})
    for one in given:
        name, _, text = one.partition("=")
        try:
            found[name] = float(text)
        except ValueError:
            found[name] = math.nan
        if not math.isfinite(found[name]):
            message = f"--min-metric takes NAME=VALUE with a number, got {one!r}"
            raise MldeployError("MLD112", message, "such as --min-metric f1_macro=0.9")
        if name not in known:
            message = f"--min-metric: there is no metric {name!r}"
            raise MldeployError("MLD112", message, f"there are: {', '.join(known)}")
    return found


def require(metrics: Mapping[str, float | None], thresholds: Mapping[str, float]) -> None:
    """Hold a model to thresholds: at least for a score, at most for an error.

    Raises:
        MldeployError: MLD217 for a metric that this task doesn't have, MLD219 for a miss.
    """
    unknown = sorted(thresholds.keys() - metrics.keys())
    if unknown:
        raise MldeployError(
            "MLD217",
            f"there is no metric {unknown[0]!r} for this model",
            f"there are: {', '.join(sorted(metrics)) or 'none'}",
        )
    missed = [line for name in thresholds if (line := _miss(name, metrics[name], thresholds[name]))]
    if missed:
        raise MldeployError(
            "MLD219",
            f"the model isn't good enough: {'; '.join(missed)}",
            "better features, another estimator or more data; the bundle that was there, if "
            "any, is untouched",
        )


def _miss(name: str, value: float | None, limit: float) -> str:
    side = "at most" if is_error(name) else "at least"
    if value is None:
        return f"{name} isn't defined here, wanted {side} {limit:g}"
    good = value <= limit if is_error(name) else value >= limit
    return "" if good else f"{name} is {value:.6g}, wanted {side} {limit:.6g}"

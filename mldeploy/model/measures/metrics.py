"""The metrics that are measured, and the thresholds that a user sets on them."""

import math
from collections.abc import Iterable, Mapping

from mldeploy.errors import MldeployError

METRICS: dict[str, tuple[str, ...]] = {
    "classification": (
        "accuracy",
        "balanced_accuracy",
        "f1_macro",
        "roc_auc",
        "log_loss",
        "brier",
    ),
    "regression": ("r2", "mae", "rmse", "mape"),
}
"""The metrics of each task, in display order. Other tasks have none."""

_ERRORS = frozenset({"log_loss", "brier", "mae", "rmse", "mape"})

Metrics = dict[str, float | None]


def is_error(name: str) -> bool:
    """Return whether a metric is better when it is smaller."""
    return name in _ERRORS


def is_better(name: str, value: float, other: float) -> bool:
    """Return whether a metric's value is better than another, beyond rounding."""
    if math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-12):
        return False
    return value < other if is_error(name) else value > other


def parse_thresholds(given: Iterable[str]) -> dict[str, float]:
    """Parse NAME=VALUE.

    Raises:
        MldeployError: MLD112 for another form, or for a name that no task measures.
    """
    found: dict[str, float] = {}
    known = sorted({name for names in METRICS.values() for name in names})
    for one in given:
        name, _, text = one.partition("=")
        try:
            found[name] = float(text)
        except ValueError:
            found[name] = math.nan
        if not math.isfinite(found[name]):
            message = f"--min-metric expects NAME=VALUE with a number, got {one!r}"
            raise MldeployError("MLD112", message, "use for example --min-metric f1_macro=0.9")
        if name not in known:
            message = f"--min-metric: there is no metric {name!r}"
            raise MldeployError("MLD112", message, f"use one of: {', '.join(known)}")
    return found


def require(metrics: Mapping[str, float | None], thresholds: Mapping[str, float]) -> None:
    """Check a model's thresholds: minimum for a score, maximum for an error.

    Raises:
        MldeployError: MLD217 for a metric that the task doesn't have, MLD219 if one is missed.
    """
    unknown = sorted(thresholds.keys() - metrics.keys())
    if unknown:
        there = f"use one of: {', '.join(sorted(metrics))}"
        nothing = "omit --min-metric, or set [training] holdout or cv if both are 0"
        raise MldeployError(
            "MLD217",
            f"there is no metric {unknown[0]!r} for this model",
            there if metrics else nothing,
        )
    missed = [line for name in thresholds if (line := _miss(name, metrics[name], thresholds[name]))]
    if missed:
        raise MldeployError(
            "MLD219",
            f"the model isn't good enough: {'; '.join(missed)}",
            "use better features, another estimator or more data; an existing bundle wasn't "
            "changed",
        )


def _miss(name: str, value: float | None, limit: float) -> str:
    side = "at most" if is_error(name) else "at least"
    if value is None:
        return f"{name} isn't defined for this data (required: {side} {limit:g})"
    good = value <= limit if is_error(name) else value >= limit
    return "" if good else f"{name} is {value:.6g} (required: {side} {limit:.6g})"

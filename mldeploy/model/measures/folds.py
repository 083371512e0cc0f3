"""Summarizes the folds of a cross-validation, and why metrics are missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mldeploy.model.measures.measuring import Measured
from mldeploy.model.measures.splits import Pair


@dataclass(frozen=True)
class Fold:
    """A split and its metrics; `failure`: why it couldn't be fitted."""

    pair: Pair
    measured: Measured = field(default_factory=Measured)
    failure: str = ""


def scored(folds: Sequence[Fold]) -> list[Pair]:
    """Return the splits of the folds that could be fitted."""
    return [fold.pair for fold in folds if not fold.failure]


def summary(folds: Sequence[Fold]) -> dict[str, dict[str, float | None]]:
    """Return the mean and standard deviation of each metric over the folds that define it."""
    import numpy as np

    across: dict[str, dict[str, float | None]] = {}
    names = dict.fromkeys(name for fold in folds for name in fold.measured.metrics)
    for name in names:
        found = [fold.measured.metrics.get(name) for fold in folds]
        values = [one for one in found if one is not None]
        mean, deviation = (float(np.mean(values)), float(np.std(values))) if values else (None,) * 2
        across[name] = {"mean": mean, "std": deviation, "folds": len(values)}
    return across


def values_of(folds: Sequence[Fold]) -> dict[str, list[float]]:
    """Return the values of each metric, one per fold that defines it."""
    names = dict.fromkeys(name for fold in folds for name in fold.measured.metrics)
    found = {name: [fold.measured.metrics.get(name) for fold in folds] for name in names}
    return {name: [one for one in row if one is not None] for name, row in found.items()}


def reasons(held_out: Measured, folds: Sequence[Fold]) -> list[str]:
    """Return why metrics are missing: each reason once, with the metrics that it concerns."""
    texts = [
        f"{names}: not measured: {reason}" for reason, names in _grouped(held_out.reasons.items())
    ]
    said = set(held_out.reasons.items())
    failures = [fold.failure for fold in folds if fold.failure]
    for reason in dict.fromkeys(failures):
        number = f"{failures.count(reason)} of {len(folds)}"
        texts.append(f"cross-validation skips {number} folds: {reason}")
    missing = [one for fold in folds for one in fold.measured.reasons.items() if one not in said]
    for reason, names in _grouped(missing):
        texts.append(f"{names}: not measured in some folds: {reason}")
    return texts


def _grouped(reasons: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return each reason once, with the names of its metrics."""
    pairs = list(reasons)
    return [
        (reason, ", ".join(dict.fromkeys(name for name, one in pairs if one == reason)))
        for reason in dict.fromkeys(reason for _, reason in pairs)
    ]

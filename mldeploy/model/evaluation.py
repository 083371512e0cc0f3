"""How good is it? Held-out metrics, cross-validation, and a baseline that knows nothing."""

import math
from dataclasses import dataclass, field
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.metrics import is_error, scorers_of
from mldeploy.model.tasks import SUPERVISED, is_multi_output, task_of
from mldeploy.model.user_module import TrainingData

SEED = 0
_HELD_OUT = 0.2
_FOLDS = 5

Metrics = dict[str, float | None]


@dataclass(frozen=True)
class Evaluated:
    """A fitted estimator and what is known of it.

    Attributes:
        estimator: fitted on the training part, so that `metrics` are its own.
        metrics: on the held-out part; None where it isn't defined.
        evaluation: cross-validation, baseline, and the sizes of the parts.
        held_out: the indices of the held-out rows.
    """

    estimator: Any
    metrics: Metrics
    evaluation: dict[str, Any] = field(repr=False)
    held_out: list[int] = field(repr=False)


@dataclass(frozen=True)
class _Part:
    """Some of the rows; y is None where there is none."""

    x: Any
    y: Any


def evaluate(estimator: Any, data: TrainingData) -> Evaluated:
    """Fit on four fifths of the rows, measure on the rest.

    Raises:
        MldeployError: MLD213 where y doesn't fit the estimator.
    """
    from sklearn.base import clone

    task = task_of(estimator)
    _require_fitting(data, task)
    train, test = _split(data, task)
    trained, tested = _part(data, train), _part(data, test)
    across = _across(clone(estimator), trained, task)
    fitted = _fit(clone(estimator), trained)
    facts = {
        "cross_validation": across,
        "baseline": _baseline(task, trained, tested),
        "rows": len(data.x),
        "held_out": len(test),
        "seed": SEED,
    }
    return Evaluated(fitted, _measure(fitted, tested, task), facts, test)


def _require_fitting(data: TrainingData, task: str) -> None:
    """Refuse a y that this kind of estimator can't learn."""
    import numpy as np

    problem = ""
    if task in SUPERVISED and data.y is None:
        problem = f"{task} needs y"
    elif task == "regression" and data.y.dtype.kind not in "fiub":
        problem = f"a regressor needs numbers in y, got {data.y.dtype}"
    elif task == "classification" and not is_multi_output(data.y):
        classes, counts = (list(one) for one in np.unique(data.y, return_counts=True))
        if len(classes) < 2:  # noqa: PLR2004 - a classifier tells two things apart
            problem = f"y has one class only, {classes[0]!s}"
        elif min(counts) < 2:  # noqa: PLR2004 - one to learn from, one to be asked about
            alone = classes[counts.index(min(counts))]
            problem = f"class {alone!s} has one row: one is learnt from, one held out"
    if problem:
        raise MldeployError("MLD213", f"data(): {problem}", "give other data, or more")


def _part(data: TrainingData, rows: list[int]) -> _Part:
    x = data.x.iloc[rows] if hasattr(data.x, "iloc") else data.x[rows]
    return _Part(x, None if data.y is None else data.y[rows])


def _split(data: TrainingData, task: str) -> tuple[list[int], list[int]]:
    import numpy as np
    from sklearn.model_selection import train_test_split

    count = len(data.x)
    single = task == "classification" and not is_multi_output(data.y)
    classes = list(np.unique(data.y)) if single else []
    train, test = train_test_split(
        np.arange(count),
        # Every class is on both sides, however many there are.
        test_size=max(math.ceil(count * _HELD_OUT), len(classes)),
        random_state=SEED,
        stratify=data.y if len(classes) else None,
    )
    return sorted(map(int, train)), sorted(map(int, test))


def _fit(estimator: Any, part: _Part) -> Any:
    return estimator.fit(part.x) if part.y is None else estimator.fit(part.x, part.y)


def _across(estimator: Any, part: _Part, task: str) -> dict[str, dict[str, float | None]]:
    """Cross-validate: mean and standard deviation of each metric; empty for too few rows."""
    import numpy as np
    from sklearn.model_selection import KFold, StratifiedKFold, cross_validate

    scorers = scorers_of(task, several=is_multi_output(part.y))
    if not scorers:
        return {}
    single = task == "classification" and not is_multi_output(part.y)
    # R² isn't defined for a fold of one row.
    smallest = min(np.unique(part.y, return_counts=True)[1]) if single else len(part.y) // 2
    folds = int(min(_FOLDS, smallest))
    if folds < 2:  # noqa: PLR2004 - one fold validates nothing
        return {}
    kind = StratifiedKFold if single else KFold
    splitter = kind(folds, shuffle=True, random_state=SEED)
    found = cross_validate(
        estimator, part.x, part.y, cv=splitter, scoring=scorers, error_score="raise"
    )
    across: dict[str, dict[str, float | None]] = {}
    for name in scorers:
        values = found[f"test_{name}"] * (-1 if is_error(name) else 1)
        mean, deviation = _finite(values.mean()), _finite(values.std())
        across[name] = {"mean": mean, "std": deviation, "folds": folds}
    return across


def _measure(estimator: Any, part: _Part, task: str) -> Metrics:
    from sklearn.metrics import get_scorer

    found = {
        name: get_scorer(scorer)(estimator, part.x, part.y)
        for name, scorer in scorers_of(task, several=is_multi_output(part.y)).items()
    }
    return {name: _finite(-one if is_error(name) else one) for name, one in found.items()}


def measured(estimator: Any, data: TrainingData, task: str) -> dict[str, Any]:
    """Return "metrics" and "evaluation" of an estimator that was fitted elsewhere.

    Nobody knows what it was fitted on: there is nothing to hold out or to cross-validate.
    """
    part = _Part(data.x, data.y)
    metrics = {} if data.y is None else _measure(estimator, part, task)
    facts = {"cross_validation": {}, "baseline": {}, "rows": len(data.x), "source": "example"}
    return {"metrics": metrics, "evaluation": facts}


def _finite(value: Any) -> float | None:
    return float(value) if math.isfinite(value) else None


def _baseline(task: str, trained: _Part, tested: _Part) -> Metrics:
    """Return the metrics of a guess that ignores the features."""
    from sklearn.dummy import DummyClassifier, DummyRegressor

    if task not in SUPERVISED:
        return {}
    dummy = DummyClassifier(strategy="prior") if task == "classification" else DummyRegressor()
    return _measure(_fit(dummy, trained), tested, task)

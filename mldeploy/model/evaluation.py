"""How good is it? Held-out metrics, cross-validation, and a baseline that knows nothing."""

from dataclasses import dataclass
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.signature import task_of
from mldeploy.model.user_module import TrainingData

SEED = 0
_HELD_OUT = 0.2
_FOLDS = 5

SCORERS = {
    "classification": {"accuracy": "accuracy", "f1_macro": "f1_macro"},
    "regression": {
        "r2": "r2",
        "mae": "neg_mean_absolute_error",
        "rmse": "neg_root_mean_squared_error",
    },
    "other": {},
}
"""Our names → scikit-learn's scorers, whose `neg_` ones are turned round."""


@dataclass(frozen=True)
class Evaluated:
    """A fitted estimator and what is known of it.

    Attributes:
        estimator: fitted on the training part, so that `metrics` are its own.
        metrics: on the held-out part.
        evaluation: cross-validation, baseline, and the sizes of the parts.
        held_out: the indices of the held-out rows.
    """

    estimator: Any
    metrics: dict[str, float]
    evaluation: dict[str, Any]
    held_out: list[int]


def evaluate(estimator: Any, data: TrainingData) -> Evaluated:
    """Fit on four fifths of the rows, measure on the rest.

    Raises:
        MldeployError: MLD216 where fitting or predicting fails.
    """
    from sklearn.base import clone

    task = task_of(estimator)
    train, test = _split(data, task)
    x_train, y_train = _take(data.x, train), data.y[train]
    scorers = SCORERS[task]
    try:
        across = _across(clone(estimator), x_train, y_train, task, scorers)
        fitted = clone(estimator).fit(x_train, y_train)
        metrics = _measure(fitted, _take(data.x, test), data.y[test], scorers)
    except MldeployError:
        raise
    except Exception as error:
        raise MldeployError(
            "MLD216",
            f"the estimator couldn't be fitted: {type(error).__name__}: {error}",
            "mend estimator() or data(); missing values want an imputer in the pipeline",
        ) from error
    facts = {
        "cross_validation": across,
        "baseline": _baseline(task, x_train, y_train, _take(data.x, test), data.y[test], scorers),
        "rows": len(data.y),
        "held_out": len(test),
        "seed": SEED,
    }
    return Evaluated(fitted, metrics, facts, test)


def _take(x: Any, indices: list[int]) -> Any:
    return x.iloc[indices] if hasattr(x, "iloc") else x[indices]


def _split(data: TrainingData, task: str) -> tuple[list[int], list[int]]:
    import numpy as np
    from sklearn.model_selection import train_test_split

    stratify = None
    if task == "classification":
        _, counts = np.unique(data.y, return_counts=True)
        if len(counts) < 2:  # noqa: PLR2004 - a classifier tells two things apart
            raise MldeployError("MLD216", "y has one class only", "give data of at least two")
        # A class of one row can't be on both sides; a test part smaller than the number of
        # classes can't hold them all.
        if counts.min() > 1 and len(data.y) * _HELD_OUT >= len(counts):
            stratify = data.y
    train, test = train_test_split(
        np.arange(len(data.y)), test_size=_HELD_OUT, random_state=SEED, stratify=stratify
    )
    return sorted(map(int, train)), sorted(map(int, test))


def _across(
    estimator: Any, x: Any, y: Any, task: str, scorers: dict[str, str]
) -> dict[str, dict[str, float]]:
    """Cross-validate: mean and standard deviation of each metric; empty for too few rows."""
    import numpy as np
    from sklearn.model_selection import KFold, StratifiedKFold, cross_validate

    smallest = np.unique(y, return_counts=True)[1].min() if task == "classification" else len(y)
    folds = int(min(_FOLDS, smallest))
    if folds < 2 or not scorers:  # noqa: PLR2004 - one fold validates nothing
        return {}
    kind = StratifiedKFold if task == "classification" else KFold
    splitter = kind(folds, shuffle=True, random_state=SEED)
    found = cross_validate(estimator, x, y, cv=splitter, scoring=scorers, error_score="raise")
    scores = {name: abs(found[f"test_{name}"]) if _negated(name) else found[f"test_{name}"]
              for name in scorers}  # fmt: skip
    return {
        name: {"mean": float(values.mean()), "std": float(values.std()), "folds": folds}
        for name, values in scores.items()
    }


def _negated(name: str) -> bool:
    return SCORERS["regression"].get(name, "").startswith("neg_")


def _measure(estimator: Any, x: Any, y: Any, scorers: dict[str, str]) -> dict[str, float]:
    from sklearn.metrics import get_scorer

    found = {name: float(get_scorer(scorer)(estimator, x, y)) for name, scorer in scorers.items()}
    return {name: abs(value) if _negated(name) else value for name, value in found.items()}


def _baseline(  # noqa: PLR0913, PLR0917 - two parts of two arrays
    task: str, x_train: Any, y_train: Any, x_test: Any, y_test: Any, scorers: dict[str, str]
) -> dict[str, float]:
    """Return the metrics of a guess that ignores the features."""
    from sklearn.dummy import DummyClassifier, DummyRegressor

    if task == "other":
        return {}
    dummy = DummyClassifier(strategy="prior") if task == "classification" else DummyRegressor()
    return _measure(dummy.fit(x_train, y_train), x_test, y_test, scorers)


def below(metrics: dict[str, float], wanted: dict[str, float]) -> list[str]:
    """Return a line for each metric that misses its threshold; errors are to be small.

    Raises:
        MldeployError: MLD217 for a metric that wasn't measured.
    """
    unknown = sorted(wanted.keys() - metrics.keys())
    if unknown:
        raise MldeployError(
            "MLD217",
            f"there is no metric {unknown[0]!r} for this model",
            f"measured: {', '.join(sorted(metrics)) or 'none'}",
        )
    lines = []
    for name, limit in wanted.items():
        missed = metrics[name] > limit if _negated(name) else metrics[name] < limit
        if missed:
            side = "at most" if _negated(name) else "at least"
            lines.append(f"{name} is {metrics[name]:.4f}, wanted {side} {limit:g}")
    return lines

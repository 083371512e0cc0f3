"""The baseline: a guess that ignores the features."""

from collections.abc import Sequence

from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.measures.folds import Fold, summary
from mldeploy.model.measures.measuring import Measured, measure
from mldeploy.model.measures.metrics import METRICS, Metrics
from mldeploy.model.measures.splits import Pair, part_of
from mldeploy.model.measures.weights import fit


def baseline_of(data: TrainingData, task: str, pairs: Sequence[Pair]) -> Metrics:
    """Return the metrics of a guess that ignores the features, on the rows of the model's own."""
    if task not in METRICS or not pairs or data.y is None:
        return {}
    try:
        folds = [Fold(pair, _dummy(data, task, pair)) for pair in pairs]
    except Exception:  # noqa: BLE001 - y is none that a baseline takes
        return {}
    return {name: one["mean"] for name, one in summary(folds).items()}


def _dummy(data: TrainingData, task: str, pair: Pair) -> Measured:
    import numpy as np
    from sklearn.dummy import DummyClassifier, DummyRegressor

    dummy = DummyClassifier(strategy="prior") if task == "classification" else DummyRegressor()
    (_, y, weights), (_, true, _) = (part_of(data, rows) for rows in pair)
    fit(dummy, np.zeros((len(y), 1)), y, weights)
    return measure(dummy, np.zeros((len(true), 1)), true, task)

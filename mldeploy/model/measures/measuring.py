"""Measure a fitted estimator on some rows: every metric that can be computed, or why it can't."""

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mldeploy.model.json_values import is_missing
from mldeploy.model.measures.metrics import METRICS, Metrics
from mldeploy.model.measures.scores import Classified, score_classes, score_probabilities

LONGEST_REASON = 240
LEAST_FOR_QUANTILES = 50
"""Rows: of fewer, less than `SHARED` lie beyond the highest quantile."""
_PERCENTS = (50, 90)
_ERRORS = "absolute errors"


@dataclass(frozen=True)
class Measured:
    """The metrics of an estimator on some rows.

    Attributes:
        metrics: by name; None for a metric that can't be computed.
        reasons: by name, why it can't.
        predicted: the predictions, of y's shape, or None.
        scores: of a classifier, one per output, if it has any.
        absolute_errors: of a regressor with one output, the quantiles of the distance between
            prediction and value, by their percent; empty for few rows.
    """

    metrics: Metrics = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    predicted: Any = field(default=None, repr=False, compare=False)
    scores: Sequence[Classified] = field(default=(), repr=False, compare=False)
    absolute_errors: Mapping[str, float] = field(default_factory=dict)


class _UnmeasurableError(Exception):
    """Raised if an estimator's predictions can't be measured; the text is the reason."""


def measure(estimator: Any, x: Any, y: Any, task: str) -> Measured:
    """Return the metrics of a task. Catches exceptions of the estimator and of metrics.

    `predict` and `predict_proba` (or else `decision_function`) are called once each.
    """
    if y is None or task not in METRICS:
        return Measured()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        work = _classification if task == "classification" else _regression
        kept: Found = {}
        found = work(estimator, x, y, kept)
    values = {name: _finite(found[name]) for name in METRICS[task]}
    undefined = "it isn't defined for these rows"
    return Measured(
        values,
        {
            name: found[name] if isinstance(found[name], str) else undefined
            for name, value in values.items()
            if value is None
        },
        kept.get("predicted"),
        kept.get("scores", ()),
        found.get(_ERRORS, {}),
    )


def reason_of(error: BaseException) -> str:
    """Return an error as one line: its type and the beginning of its text."""
    text = " ".join(str(error).split())
    text = text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


Found = dict[str, Any]
"""Values by the metrics' names, or a text with the reason for a missing one."""


def _each(names: tuple[str, ...], work: Callable[[], Mapping[str, Any]]) -> Found:
    """Return the metrics that `work` computes; if it fails, each has the reason."""
    try:
        return {**dict.fromkeys(names, "it isn't defined for these rows"), **work()}
    except _UnmeasurableError as error:
        return dict.fromkeys(names, str(error))
    except Exception as error:  # noqa: BLE001 - a metric never stops a model that fits
        return dict.fromkeys(names, reason_of(error))


def _regression(estimator: Any, x: Any, y: Any, kept: Found) -> Found:
    """Return the metrics; `kept` receives the predictions."""
    from sklearn import metrics

    measures = {
        "r2": metrics.r2_score,
        "mae": metrics.mean_absolute_error,
        "rmse": metrics.root_mean_squared_error,
        "mape": metrics.mean_absolute_percentage_error,
    }

    def work() -> Found:
        true = y.astype(float)
        predicted = _predicted(estimator, x, true.shape).astype(float)
        if not _all_finite(predicted):
            raise _UnmeasurableError("predict returns NaN or infinity for some of the rows")
        kept["predicted"] = predicted
        found: Found = {}
        for name, one in measures.items():
            found |= _each((name,), lambda name=name, one=one: {name: one(true, predicted)})  # type: ignore[misc]
        if (true == 0).any():
            found["mape"] = "y contains zeros, so a relative error isn't defined"
        return {**found, _ERRORS: _absolute_errors(true, predicted)}

    return _each(METRICS["regression"], work)


def _absolute_errors(true: Any, predicted: Any) -> dict[str, float]:
    """Return the quantiles of the distances, with three digits: no row's own is published."""
    import numpy as np

    if true.ndim > 1 or len(true) < LEAST_FOR_QUANTILES:
        return {}
    distances = np.abs(true - predicted)
    return {str(one): float(f"{np.percentile(distances, one):.3g}") for one in _PERCENTS}


def _classification(estimator: Any, x: Any, y: Any, kept: Found) -> Found:
    """Return the metrics; `kept` receives the predictions and the scores."""
    shares = ("roc_auc", "log_loss", "brier")
    labels = ("accuracy", "balanced_accuracy", "f1_macro")

    def of_labels() -> Found:
        predicted = _predicted(estimator, x, y.shape)
        if any(map(is_missing, predicted.ravel().tolist())):
            raise _UnmeasurableError("predict returns NaN for some of the rows")
        kept["predicted"] = predicted
        return _mean([score_classes(*pair) for pair in zip(_columns(y), _columns(predicted))])  # noqa: B905 - of one shape

    def of_shares() -> Found:
        kept["scores"] = _scores(estimator, x, y)
        outputs = [
            score_probabilities(true, scores)
            for true, scores in zip(_columns(y), kept["scores"], strict=True)
        ]
        return _mean(outputs)

    return {**_each(labels, of_labels), **_each(shares, of_shares)}


def _mean(outputs: list[Found]) -> Found:
    """Return the mean over the outputs in which a metric is defined, else the first reason."""
    found: Found = {}
    for name in outputs[0]:
        values = [one[name] for one in outputs if _finite(one[name]) is not None]
        found[name] = sum(values) / len(values) if values else outputs[0][name]
    return found


def _columns(values: Any) -> list[Any]:
    return [values] if values.ndim == 1 else [values[:, n] for n in range(values.shape[1])]


def _predicted(estimator: Any, x: Any, shape: tuple[int, ...]) -> Any:
    """Return predictions as an array of y's shape."""
    found = array_of(estimator.predict(x))
    if found.shape != shape and found.size == math.prod(shape) and len(found) == shape[0]:
        found = found.reshape(shape)  # one value per row, in a column
    if found.shape != shape:
        raise _UnmeasurableError(f"predict returns the shape {found.shape} for y's {shape}")
    return found


def _scores(estimator: Any, x: Any, y: Any) -> list[Classified]:
    """Return probabilities of each output; of two classes decision values will do for ROC AUC."""
    several = y.ndim > 1
    if not hasattr(estimator, "classes_"):
        raise _UnmeasurableError(f"{type(estimator).__name__} has no classes_")
    if hasattr(estimator, "predict_proba"):
        found = estimator.predict_proba(x)
        if several:
            return _of_outputs(found, estimator.classes_, y.shape)
        return [Classified(_labels(estimator.classes_), _rows(array_of(found), len(y)))]
    if not several and hasattr(estimator, "decision_function") and len(estimator.classes_) == 2:  # noqa: PLR2004 - no and yes
        values = _rows(array_of(estimator.decision_function(x)), len(y)).ravel()
        return [Classified(_labels(estimator.classes_), decision=values)]
    raise _UnmeasurableError(f"{type(estimator).__name__} has no predict_proba")


def _of_outputs(found: Any, classes: Any, shape: tuple[int, ...]) -> list[Classified]:
    """Return the probabilities of several outputs, in scikit-learn's two forms.

    These are a list of arrays (rows, classes), one per output, or, if each output is 0 or 1, an
    array (rows, outputs) of the probabilities of 1.
    """
    import numpy as np

    rows, outputs = shape
    if isinstance(found, list | tuple) and len(found) == outputs:
        return [
            Classified(_labels(labels), _rows(array_of(one), rows))
            for labels, one in zip(classes, found, strict=True)
        ]
    values = array_of(found)
    if values.shape != shape:
        raise _UnmeasurableError(f"predict_proba returns the shape {values.shape} for y's {shape}")
    return [
        Classified([0, 1], np.column_stack([1 - values[:, n], values[:, n]]))
        for n in range(outputs)
    ]


def _rows(values: Any, count: int) -> Any:
    if values.ndim == 0 or len(values) != count:
        raise _UnmeasurableError(
            f"the estimator returns {values.size} predictions for {count} rows"
        )
    if not _all_finite(values):
        raise _UnmeasurableError("the estimator returns NaN or infinity as a probability")
    return values


def _labels(classes: Any) -> list[Any]:
    return list(array_of(classes).tolist())


def array_of(values: Any) -> Any:
    """Return predictions as an array: from a list, DataFrame, sparse matrix or tensor."""
    import numpy as np

    if hasattr(values, "toarray"):
        values = values.toarray()
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    return np.asarray(values)


def _all_finite(values: Any) -> bool:
    import numpy as np

    return bool(np.isfinite(values.astype(float)).all())


def _finite(value: Any) -> float | None:
    if value is None or isinstance(value, str) or not math.isfinite(value):
        return None
    return float(value)

"""What other converters predict for the gate's rows: skl2onnx with ONNX Runtime, and m2cgen."""

import importlib
import warnings
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
import onnxruntime
from skl2onnx import to_onnx

from mldeploy.model.compiled.gate.rows import kinds_of_rows

Predict = Callable[[Any], Any]


def rows_of(x: Any) -> Any:
    """Return the rows that no estimator refuses."""
    parts = [one.x for one in kinds_of_rows(x) if not one.hostile and not one.alone]
    return np.concatenate([np.asarray(one, dtype=np.float64) for one in parts])


def onnx(fitted: Any, x: Any) -> Predict:
    """Return `predict` of a pipeline in ONNX Runtime.

    Raises:
        Exception: if skl2onnx can't convert it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph = to_onnx(fitted, np.asarray(x)[:1].astype(np.float32))
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    name = session.get_inputs()[0].name
    return lambda rows: session.run(None, {name: rows.astype(np.float32)})[0].reshape(len(rows))


def m2cgen(fitted: Any) -> Predict:
    """Return `predict` of a pipeline whose last step is m2cgen's generated Python.

    Raises:
        Exception: if m2cgen isn't installed, or can't convert the step.
    """
    generator = importlib.import_module("m2cgen")
    *_, (_, last) = fitted.steps
    space: dict[str, Any] = {}
    exec(generator.export_to_python(last), space)  # noqa: S102 - code that was just generated

    def predict(rows: Any) -> Any:
        scores = [space["score"](row) for row in fitted[:-1].transform(rows).tolist()]
        found = np.array(scores)
        if not hasattr(last, "classes_"):
            return found
        return last.classes_[_numbers(found, len(last.classes_), type(last).__name__)]

    return predict


def _numbers(scores: Any, classes: int, name: str) -> Any:
    """Return the numbers of classes from m2cgen's scores, which for SVC are those of pairs."""
    if scores.ndim == 1:
        return (scores > 0).astype(int)
    if name != "SVC":
        return scores.argmax(axis=1)
    votes = np.zeros((len(scores), classes), dtype=int)
    for pair, (first, second) in zip(scores.T, combinations(range(classes), 2), strict=True):
        votes[:, first] += pair > 0
        votes[:, second] += pair <= 0
    return votes.argmax(axis=1)


def difference(predict: Predict, fitted: Any, rows: Any) -> str:
    """Return how many labels differ, or the largest relative difference of numbers."""
    expected, found = fitted.predict(rows), np.asarray(predict(rows))
    if expected.dtype.kind == "f":
        scale = np.maximum(np.abs(expected), 1e-9)
        return f"{(np.abs(found - expected) / scale).max():.0e}"
    return f"{int((found != expected).sum())} of {len(rows)}"

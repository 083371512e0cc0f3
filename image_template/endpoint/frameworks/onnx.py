"""ONNX models in ONNX Runtime. Their images have neither scikit-learn nor pandas."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from endpoint.frameworks.classes import Classes, with_scores
from endpoint.frameworks.predictor import Answer, Facts, Predictor
from endpoint.json_values import plain
from endpoint.rows import Rows


def load(path: Path, facts: Facts) -> Predictor:
    """Return a model whose session computes only in the calling thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS") or 1)
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )
    return OnnxModel(session, facts)


class OnnxModel:
    """A session behind the interface of `Predictor`.

    Args:
        session: session of ONNX Runtime.
        facts: the content of model.json; `facts["model"]["graph"]` has the inputs and outputs,
            `facts["model"]["scores"]` the kind of scores (in format 1 always probabilities).
    """

    def __init__(self, session: Any, facts: Facts) -> None:
        self._session = session
        self._graph = facts["model"]["graph"]
        method = facts["model"].get("scores", "predict_proba" if self._graph["scores"] else "")
        self._wanted = [self._graph["label"], *([self._graph["scores"]] if method else [])]
        self._feed = feeder(self._graph["inputs"])
        self._answers = _answers_of(facts["signature"], method)

    def predict(self, rows: Rows) -> list[Answer]:
        """Predict all rows in one run of the graph, or in one run per row if it allows only one."""
        if self._graph.get("rows") == 1:
            return [answer for row in rows for answer in self._run([row])]
        return self._run(rows)

    def _run(self, rows: Rows) -> list[Answer]:
        labels, *scores = self._session.run(self._wanted, self._feed(rows))
        count = len(rows)
        if labels.ndim == 0 or len(labels) != count:
            raise RuntimeError(f"the graph returned {labels.size} predictions for {count} rows")
        flat = labels.reshape(count) if labels.size == count else labels
        return self._answers(flat, scores_of(scores[0], count) if scores else None)


Answers = Callable[[Any, Any], list[Answer]]
"""Makes answers of labels or values, and of scores of shape (rows, columns) or None."""


def _answers_of(signature: Facts, method: str) -> Answers:
    """Return the function that makes answers of the graph's outputs."""
    names = [output["name"] for output in signature.get("outputs") or ()]
    match signature["task"]:
        case "classification" if not names:
            return _classes(signature, method)
        case "outliers":
            return _outliers
        case "clustering" if not names:
            return lambda labels, _scores: [{"cluster": label} for label in plain(labels)]
        case _ if names:
            return lambda values, _scores: [
                {"values": dict(zip(names, row, strict=True))} for row in plain(values)
            ]
        case _:
            return lambda values, _scores: [{"value": value} for value in plain(values)]


def _classes(signature: Facts, method: str) -> Answers:
    classes = Classes(
        signature["classes"], signature["class_names"], signature.get("decision_names")
    )

    def answers(labels: Any, scores: Any) -> list[Answer]:
        found = classes.named(labels)
        match method:
            case "":
                return found
            case "decision_function":
                return with_scores(found, classes.decisions(scores), "decision_values")
            case _:
                return with_scores(found, classes.by_name(scores), "probabilities")

    return answers


def _outliers(labels: Any, scores: Any) -> list[Answer]:
    """Return whether a row is an outlier (label -1), and its score."""
    found: list[Answer] = [{"outlier": label == -1} for label in plain(labels)]
    return found if scores is None else with_scores(found, plain(scores[:, 0]), "score")


def feeder(inputs: list[dict[str, Any]]) -> Callable[[Rows], dict[str, Any]]:
    """Return the function that makes the graph's inputs of rows.

    Args:
        inputs: name, NumPy dtype and count of columns of each, in the order of the rows' values.
    """

    def feed(rows: Rows) -> dict[str, Any]:
        found, start = {}, 0
        for tensor in inputs:
            end = start + tensor["columns"]
            values = [row[start:end] for row in rows]
            found[tensor["name"]] = np.array(values, dtype=tensor["dtype"])
            start = end
        return found

    return feed


def scores_of(scores: Any, count: int) -> Any:
    """Return scores as an array of shape (rows, columns); skl2onnx makes a list of maps."""
    if isinstance(scores, list):
        return np.array([list(row.values()) for row in scores])
    return scores.reshape(count, -1)

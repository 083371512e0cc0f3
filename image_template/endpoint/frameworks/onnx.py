"""ONNX models, by ONNX Runtime: neither scikit-learn nor pandas is in their images."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from endpoint.frameworks import Answer, Facts, Predictor
from endpoint.frameworks.classes import Classes, with_scores
from endpoint.table import Rows
from endpoint.values import plain


def load(path: Path, facts: Facts) -> Predictor:
    """Make a session that computes in this thread alone."""
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
        session: of ONNX Runtime.
        facts: of model.json; `facts["model"]["graph"]` says which inputs and outputs there are.
    """

    def __init__(self, session: Any, facts: Facts) -> None:
        self._session = session
        self._signature = facts["signature"]
        self._graph = facts["model"]["graph"]
        self._feed = feeder(self._graph["inputs"])

    def predict(self, rows: Rows) -> list[Answer]:
        """Answer all rows with one run of the graph."""
        wanted = [name for name in (self._graph["label"], self._graph["scores"]) if name]
        found = dict(zip(wanted, self._session.run(wanted, self._feed(rows)), strict=True))
        labels = found[self._graph["label"]]
        if self._signature["task"] != "classification":
            return _values(labels, self._signature.get("outputs"))
        classes = Classes(self._signature["classes"], self._signature["class_names"])
        answers = classes.named(labels)
        if not self._graph["scores"]:
            return answers
        return with_scores(
            answers, classes.by_name(scores_of(found[self._graph["scores"]])), "probabilities"
        )


def feeder(inputs: list[dict[str, Any]]) -> Callable[[Rows], dict[str, Any]]:
    """Return what makes the graph's inputs of rows.

    Args:
        inputs: name, NumPy's dtype and count of columns, in the order of the rows' values.
    """

    def feed(rows: Rows) -> dict[str, Any]:
        found, start = {}, 0
        for one in inputs:
            end = start + one["columns"]
            found[one["name"]] = np.array([row[start:end] for row in rows], dtype=one["dtype"])
            start = end
        return found

    return feed


def scores_of(scores: Any) -> Any:
    """Return probabilities as an array of (rows, classes); skl2onnx makes a list of maps."""
    if isinstance(scores, list):
        return np.array([list(one.values()) for one in scores])
    return scores


def _values(values: Any, outputs: list[dict[str, Any]] | None) -> list[Answer]:
    if outputs:
        names = [one["name"] for one in outputs]
        return [{"values": dict(zip(names, row, strict=True))} for row in plain(values)]
    return [{"value": one} for one in plain(values.reshape(len(values)))]

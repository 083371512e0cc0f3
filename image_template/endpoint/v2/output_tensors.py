"""Predictions as tensors, named after the scikit-learn method that returns each."""

import json
from collections.abc import Iterator
from typing import Any

from endpoint.frameworks.predictor import Answer
from endpoint.problem import ProblemError, cut, kind_of
from endpoint.service import value_of
from endpoint.v2.input_tensors import parameters_of

Tensor = dict[str, Any]
_SCORES = {
    "class_name": "class_name",
    "probabilities": "predict_proba",
    "decision_values": "decision_function",
    "score": "score",
}
"""The further keys of a row's prediction, and the names of their tensors."""


def tensors_of(answers: list[Answer]) -> list[Tensor]:
    """Return the outputs: "predict" and a tensor per further key of the predictions.

    A model with several outputs has one tensor per output, "predict.NAME".
    """
    names = answers[0].get("outputs")
    if not isinstance(names, dict):
        return list(_tensors(answers))
    return [
        tensor
        for name in names
        for tensor in _tensors([answer["outputs"][name] for answer in answers], f".{name}")
    ]


def outputs_of(answers: list[Answer], requested: Any) -> list[Tensor]:
    """Return the requested outputs in the request's order; all outputs if it names none.

    Raises:
        ProblemError: 422 for an unknown or duplicate output, or an unsupported parameter.
    """
    tensors = tensors_of(answers)
    if requested is None or requested == []:
        return tensors
    if not isinstance(requested, list):
        raise ProblemError(422, f'"outputs" must be a list, got {kind_of(requested)}')
    by_name = {tensor["name"]: tensor for tensor in tensors}
    found: dict[str, Tensor] = {}
    for output in requested:
        name = output.get("name") if isinstance(output, dict) else None
        if not isinstance(name, str):
            raise ProblemError(422, '"outputs" must be a list of objects with a "name"')
        if name not in by_name:
            known = ", ".join(by_name)
            raise ProblemError(422, f"unknown output {cut(name)!r}; the outputs are {known}")
        if name in found:
            raise ProblemError(422, f"duplicate output {name!r}")
        parameters = parameters_of(f"the output {name!r}", output)
        found[name] = _with(parameters, by_name[name], answers)
    return list(found.values())


def _with(parameters: dict[str, Any], tensor: Tensor, answers: list[Answer]) -> Tensor:
    """Return an output as its parameters want it; "binary_data" is ignored: the answer is JSON."""
    content_type = parameters.get("content_type")
    if content_type is not None:
        from endpoint.v2.content_types import OF_REQUESTS, require_known

        require_known(f"the output {tensor['name']!r}", content_type, OF_REQUESTS)
    if parameters.get("classification"):
        from endpoint.v2.classification import classified

        return classified(tensor, parameters["classification"], answers)
    return tensor


def _tensors(answers: list[Answer], suffix: str = "") -> Iterator[Tensor]:
    yield _tensor(f"predict{suffix}", [value_of(answer) for answer in answers])
    for key, name in _SCORES.items():
        # The user's `postprocess` may have removed the key from some predictions.
        if all(key in answer for answer in answers):
            scores = [answer[key] for answer in answers]
            rows = [list(score.values()) if isinstance(score, dict) else score for score in scores]
            yield _tensor(name + suffix, rows)


def _tensor(name: str, values: list[Any]) -> Tensor:
    """Return a tensor of [rows], or of [rows, columns] if all values are lists of one length."""
    shape = [len(values)]
    widths = {len(value) if isinstance(value, list) else -1 for value in values}
    if len(widths) == 1 and -1 not in widths:
        shape += widths
        values = [value for row in values for value in row]
    datatype, data = _typed(values)
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


def _typed(values: list[Any]) -> tuple[str, list[Any]]:
    """Return datatype and data. None, which replaces numbers that aren't finite, stays null."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {bool}:
        return "BOOL", values
    if kinds == {int}:
        return "INT64", values
    if kinds <= {int, float}:
        return "FP64", values
    return "BYTES", [value if isinstance(value, str) else _json(value) for value in values]


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False)

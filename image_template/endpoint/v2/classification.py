"""Triton's classification extension: the highest values of an output, with their labels.

Source: https://github.com/triton-inference-server/server, docs/protocol/extension_classification.md
"""

import math
from typing import Any

from endpoint.frameworks.predictor import Answer
from endpoint.problem import ProblemError, kind_of

Tensor = dict[str, Any]
_LABELLED = {"predict_proba": "probabilities", "decision_function": "decision_values"}
"""The tensors with a column per class, and the keys of the values by class."""


def classified(tensor: Tensor, count: Any, answers: list[Answer]) -> Tensor:
    """Return a tensor of "value:index:label", highest values first, [rows, count].

    Args:
        tensor: an output with a column per class.
        count: the parameter "classification". Of fewer classes, all are returned.
        answers: the predictions that the tensor was made of.

    Raises:
        ProblemError: 422 if the output has no classes or `count` isn't positive.
    """
    where = f"the output {tensor['name']!r}"
    if type(count) is not int or count < 1:
        got = kind_of(count) if type(count) is not int else str(count)
        raise ProblemError(
            422, f'{where}: "classification" must be the number of classes, got {got}'
        )
    method, _, output = tensor["name"].partition(".")
    key = _LABELLED.get(method)
    if key is None:
        names = " and ".join(_LABELLED)
        raise ProblemError(422, f'{where}: "classification" is only for {names}')
    parts = [answer["outputs"][output] if output else answer for answer in answers]
    data = [text for part in parts for text in _highest(part[key], count)]
    shape = [len(parts), min(count, len(parts[0][key]))]
    return {"name": tensor["name"], "datatype": "BYTES", "shape": shape, "data": data}


def _highest(scores: dict[str, Any], count: int) -> list[str]:
    known = [(-math.inf if score is None else score) for score in scores.values()]
    # The sort is stable: of equal values the first class comes first.
    order = sorted(range(len(known)), key=known.__getitem__, reverse=True)
    labels = list(scores)
    return [f"{known[index]}:{index}:{labels[index]}" for index in order[:count]]

"""Answers as tensors, named as scikit-learn names the method that each comes from."""

import json
from collections.abc import Iterator
from typing import Any

from endpoint.frameworks.predictor import Answer
from endpoint.predicting import value_of
from endpoint.problem import ProblemError, kind_of
from endpoint.table import cut

Tensor = dict[str, Any]
_SCORES = {
    "class_name": "class_name",
    "probabilities": "predict_proba",
    "decision_values": "decision_function",
    "score": "score",
}
"""What a row's answer holds beside its value, and the tensor's name."""


def tensors_of(answers: list[Answer]) -> list[Tensor]:
    """Return the outputs: "predict", and what else each row has.

    Several classes a row are a tensor each, "predict.NAME".
    """
    names = answers[0].get("outputs")
    if not isinstance(names, dict):
        return list(_tensors(answers))
    return [
        tensor
        for name in names
        for tensor in _tensors([one["outputs"][name] for one in answers], f".{name}")
    ]


def chosen(tensors: list[Tensor], asked: Any) -> list[Tensor]:
    """Return the outputs that a request asks for, in its order; all without a word of them.

    Raises:
        ProblemError: 422 for one that there isn't, or that is asked for twice.
    """
    if asked is None or asked == []:
        return tensors
    if not isinstance(asked, list):
        raise ProblemError(422, f'"outputs" must be a list, got {kind_of(asked)}')
    by_name = {tensor["name"]: tensor for tensor in tensors}
    found: dict[str, Tensor] = {}
    for one in asked:
        name = one.get("name") if isinstance(one, dict) else None
        if not isinstance(name, str):
            raise ProblemError(422, '"outputs" must be a list of objects with a "name"')
        if name not in by_name:
            known = ", ".join(by_name)
            raise ProblemError(422, f"there is no output {cut(name)!r}; there are {known}")
        if name in found:
            raise ProblemError(422, f"the output {name!r} is asked for twice")
        found[name] = by_name[name]
    return list(found.values())


def _tensors(answers: list[Answer], suffix: str = "") -> Iterator[Tensor]:
    yield _tensor(f"predict{suffix}", [value_of(one) for one in answers])
    for key, name in _SCORES.items():
        # A postprocess of the user's own may have left it out somewhere.
        if all(key in one for one in answers):
            found = [one[key] for one in answers]
            rows = [list(one.values()) if isinstance(one, dict) else one for one in found]
            yield _tensor(name + suffix, rows)


def _tensor(name: str, values: list[Any]) -> Tensor:
    """Return a tensor of [rows], or [rows, columns] where every value is a list as long."""
    shape = [len(values)]
    widths = {len(one) if isinstance(one, list) else -1 for one in values}
    if len(widths) == 1 and -1 not in widths:
        shape += widths
        values = [one for row in values for one in row]
    datatype, data = _typed(values)
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


def _typed(values: list[Any]) -> tuple[str, list[Any]]:
    """Return datatype and data; None, where a model gave no finite number, stays null."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {bool}:
        return "BOOL", values
    if kinds == {int}:
        return "INT64", values
    if kinds <= {int, float}:
        return "FP64", values
    return "BYTES", [one if isinstance(one, str) else _json(one) for one in values]


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False)

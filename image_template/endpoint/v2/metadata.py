"""What the model takes and gives, as the protocol describes it."""

from typing import Any

from endpoint.known import Feature, stored
from endpoint.predicting import Prediction
from endpoint.v2.outputs import tensors_of
from endpoint.v2.tensors import DATATYPES

_ONNX = "onnx_onnxv1"
"""The specification's own name; others are of its form, framework and format."""


def metadata(name: str, prediction: Prediction) -> dict[str, Any]:
    """Return the model's metadata; its outputs are those of the example, if there is one."""
    facts = prediction.model.facts
    framework, file = facts["model"]["framework"], facts["model"]["file"]
    answer = facts.get("example_answer")
    return {
        "name": name,
        "platform": _ONNX if framework == "onnx" else f"{framework}_{file.rpartition('.')[2]}",
        "inputs": _inputs(facts["signature"]["input"], prediction.model.features),
        "outputs": [
            _described(one["name"], one["datatype"], one["shape"][1:])
            for one in (tensors_of([answer]) if answer else ())
        ],
    }


def _inputs(kind: str, features: list[Feature]) -> list[dict[str, Any]]:
    """Return one tensor for an array's columns, or one for each column of a DataFrame."""
    if kind == "array":
        return [_described("features", _datatype(features[0]), [len(features)])]
    return [_described(one["name"], _datatype(one), [1]) for one in features]


def _described(name: str, datatype: str, columns: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [-1, *columns]}


_FLOATS = {"float16": "FP16", "float32": "FP32"}


def _datatype(feature: Feature) -> str:
    """Return the datatype that says the most of a column: its own size, where that is known."""
    storage = stored(feature)
    match feature["dtype"]:
        case "integer":
            return storage.upper() if storage.upper() in DATATYPES else "INT64"
        case "number":
            return _FLOATS.get(storage.lower(), "FP64")
        case "boolean":
            return "BOOL"
        case _:
            return "BYTES"

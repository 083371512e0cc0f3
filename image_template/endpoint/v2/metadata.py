"""The model's inputs and outputs as the protocol describes them."""

from typing import Any

from endpoint.features import Feature, stored
from endpoint.service import Service
from endpoint.v2.input_tensors import DATATYPES
from endpoint.v2.output_tensors import tensors_of

_ONNX = "onnx_onnxv1"
"""The specification's name for ONNX; other names have the same form, framework and format."""


def metadata(name: str, service: Service) -> dict[str, Any]:
    """Return the model's metadata; the outputs are the example's, if the model has one."""
    facts = service.model.facts
    framework, file = facts["model"]["framework"], facts["model"]["file"]
    answer = facts.get("example_answer")
    return {
        "name": name,
        "platform": _ONNX if framework == "onnx" else f"{framework}_{file.rpartition('.')[2]}",
        "inputs": inputs_of(facts["signature"]["input"], service.model.features),
        "outputs": [
            _described(tensor["name"], tensor["datatype"], tensor["shape"][1:])
            for tensor in (tensors_of([answer]) if answer else ())
        ],
    }


def inputs_of(kind: str, features: list[Feature]) -> list[dict[str, Any]]:
    """Return one tensor for all columns of an array, or one per column of a DataFrame."""
    if kind == "array":
        return [_described("features", _datatype(features[0]), [len(features)])]
    return [_described(feature["name"], _datatype(feature), [1]) for feature in features]


def _described(name: str, datatype: str, columns: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [-1, *columns]}


_FLOATS = {"float16": "FP16", "float32": "FP32"}


def _datatype(feature: Feature) -> str:
    """Return the most exact datatype of a column, with its size if that is known."""
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

"""The Open Inference Protocol in the OpenAPI document.

Source: https://github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md
"""

from typing import Any

from endpoint.features import Feature, features_of
from endpoint.pages.errors import error_responses
from endpoint.pages.schemas import Schema, reference
from endpoint.v2.metadata import inputs_of
from endpoint.v2.output_tensors import outputs_of

_DATATYPES = (
    *("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"),
    *("FP16", "FP32", "FP64", "BYTES"),
)
_TEXT: Schema = {"type": "string"}


def schemas_v2() -> dict[str, Schema]:
    """Return the components of the protocol's operations."""
    size = {"type": "integer", "minimum": 0}
    sizes = {"type": "array", "items": size, "minItems": 1, "maxItems": 2}
    shape = {"type": "array", "items": {"type": "integer"}}
    data: Schema = {"type": "array", "items": {}}
    datatype: Schema = {"type": "string", "enum": list(_DATATYPES)}
    requested = {
        "type": ["array", "null"],
        "items": _object(["name"], name=_TEXT, parameters=_ANYTHING),
    }
    tensor = {"name": _TEXT, "datatype": datatype, "shape": sizes, "parameters": _ANYTHING}
    return {
        "Tensor": _object(["name", "datatype", "shape", "data"], **tensor, data=data),
        "TensorMetadata": _object(
            ["name", "datatype", "shape"], name=_TEXT, datatype=_TEXT, shape=shape
        ),
        "InferenceRequest": _object(
            ["inputs"],
            id={"type": ["string", "null"]},
            parameters={"type": ["object", "null"]},
            inputs={**_TENSORS, "minItems": 1},
            outputs=requested,
        ),
        "InferenceResponse": _object(
            ["model_name", "outputs"],
            model_name=_TEXT,
            id=_TEXT,
            parameters=_ANYTHING,
            outputs=_TENSORS,
        ),
    }


_ANYTHING: Schema = {"type": "object"}
_TENSORS: Schema = {"type": "array", "items": reference("Tensor")}


def _object(required: list[str], **properties: Schema) -> Schema:
    """Return the schema of an object with these and any further members."""
    return {"type": "object", "properties": properties, "required": required}


def operation(path: str, method: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the operation of a route of the protocol; its examples are the model's."""
    match path.split("/")[2:]:
        case []:
            return _read("server", "Name and version of the server", name=_TEXT, version=_TEXT)
        case ["health", "live"]:
            return _read("live", "Liveness of the server", live={"type": "boolean"})
        case ["health", "ready"]:
            return _read("ready", "Readiness of the server", ready={"type": "boolean"})
        case ["models", name, "ready"]:
            return _read(f"{name}_ready", "Readiness of the model", ready={"type": "boolean"})
        case ["models", name, "infer"] if method == "post":
            return _infer(name, facts)
        case ["models", name]:
            tensors = {"type": "array", "items": reference("TensorMetadata")}
            members = {"name": _TEXT, "platform": _TEXT, "inputs": tensors, "outputs": tensors}
            return _read(f"{name}_metadata", "Inputs and outputs of the model", **members)
        case _:
            raise AssertionError(path)


def _infer(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    request: dict[str, Any] = {"schema": reference("InferenceRequest")}
    answer: dict[str, Any] = {"schema": reference("InferenceResponse")}
    if facts.get("example"):
        sent = {"inputs": _example_inputs(facts)}
        request["examples"] = {"row": {"summary": "one row", "value": sent}}
    if facts.get("example_answer"):
        outputs = outputs_of([facts["example_answer"]], None)
        found = {"model_name": name, "id": "…", "outputs": outputs}
        answer["examples"] = {"row": {"summary": "one row", "value": found}}
    return {
        "operationId": f"v2_{name}_infer",
        "tags": ["Open Inference Protocol"],
        "summary": "Predict with tensors",
        "requestBody": {"required": True, "content": {"application/json": request}},
        "responses": {
            "200": {"description": "The outputs", "content": {"application/json": answer}},
            **error_responses("application/json"),
        },
    }


def _example_inputs(facts: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the example's row as the tensors that the model's metadata describes."""
    features = features_of(facts)
    row = _values(facts["example"]["features"], features)
    described = inputs_of(facts["signature"]["input"], features)
    parts = [row] if len(described) == 1 else [[value] for value in row]
    return [
        {**tensor, "shape": [1, *tensor["shape"][1:]], "data": data}
        for tensor, data in zip(described, parts, strict=True)
    ]


def _values(row: Any, features: list[Feature]) -> list[Any]:
    match row:
        case dict():
            return [row[feature["name"]] for feature in features]
        case list():
            return row
        case _:
            return [row]


def _read(called: str, summary: str, /, **properties: Schema) -> dict[str, Any]:
    content = {"application/json": {"schema": _object(list(properties), **properties)}}
    return {
        "operationId": f"v2_{called}",
        "tags": ["Open Inference Protocol"],
        "summary": summary,
        "responses": {"200": {"description": summary, "content": content}},
    }

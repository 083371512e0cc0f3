"""The paths of MLflow, SageMaker and TensorFlow Serving in the OpenAPI document.

Sources: as in endpoint/protocols.
"""

from typing import Any

from endpoint.pages.errors import error_responses
from endpoint.pages.schemas import Schema, reference

_TEXT: Schema = {"type": "string"}
_READ = {
    "/ping": "200 without content, as SageMaker and MLflow's client expect it",
    "/version": "The release, where MLflow's server has its own version",
}


def operation(path: str, method: str, request: Schema) -> dict[str, Any] | None:
    """Return the operation of a route of these protocols, or None for another route.

    Args:
        path: path of the route.
        method: in lower case.
        request: schema of the endpoint's JSON requests.
    """
    if path in _READ:
        content: dict[str, Any] = {"text/plain": {"schema": _TEXT}}
        return _operation(path.strip("/"), _READ[path], content)
    if path == "/invocations":
        body = {"application/json": {"schema": request}, "text/csv": {"schema": _TEXT}}
        return _prediction("invocations", body, "predictions")
    if not path.startswith("/v1/models/"):
        return None
    if method == "get":
        known: Schema = {"name": _TEXT, "ready": {"type": "boolean"}}
        status = {"type": "array", "items": {"type": "object"}}
        members = {**known, "model_version_status": status}
        content = {"application/json": {"schema": {"type": "object", "properties": members}}}
        return _operation("v1_status", "Status of the model", content)
    rows: Schema = {"type": "array", "items": reference("Row"), "minItems": 1}
    forms = [
        {"type": "object", "properties": {"instances": rows}, "required": ["instances"]},
        {"type": "object", "properties": {"inputs": {}}, "required": ["inputs"]},
    ]
    return _prediction("v1_predict", {"application/json": {"schema": {"oneOf": forms}}}, "outputs")


def _prediction(called: str, body: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return an operation whose response has plain values under one of the keys."""
    values: Schema = {"type": "array", "items": reference("Value")}
    forms = [
        {"type": "object", "properties": {key: values}, "required": [key]}
        for key in dict.fromkeys(("predictions", *keys))
    ]
    content = {"application/json": {"schema": {"anyOf": forms}}}
    found = _operation(called, "Predict", content)
    found["responses"] |= error_responses()
    return {**found, "requestBody": {"required": True, "content": body}}


def _operation(called: str, summary: str, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": called,
        "summary": summary,
        "responses": {"200": {"description": summary, "content": content}},
    }

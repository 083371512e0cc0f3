"""The paths of MLflow, SageMaker and TensorFlow Serving in the OpenAPI document.

Sources: as in endpoint/protocols.
"""

from typing import Any

from endpoint.pages.errors import error_responses
from endpoint.pages.schemas import Schema, members, reference

_TEXT: Schema = {"type": "string"}
_READ = {
    "/ping": "200 without content, as SageMaker and MLflow's client expect it",
    "/version": "The release, where MLflow's server has its own version",
}
_JSON = "application/json"
_VALUES: Schema = {"type": "array", "items": reference("Value")}
_PREDICTIONS = members(predictions=_VALUES)


def operation(path: str, method: str, predict: dict[str, Any]) -> dict[str, Any] | None:
    """Return the operation of a route of these protocols, or None for another route.

    Args:
        path: path of the route.
        method: in lower case.
        predict: operation of the route of predictions.
    """
    if path in _READ:
        return _operation(path.strip("/"), _READ[path], {"text/plain": {"schema": _TEXT}})
    if path == "/invocations":
        return _invocations(predict)
    if not path.startswith("/v1/models/"):
        return None
    return _status() if method == "get" else _tensorflow(predict)


def _invocations(predict: dict[str, Any]) -> dict[str, Any]:
    """Return the operation that takes what predictions take; MLflow's forms get plain values."""
    content = predict["responses"]["200"]["content"]
    forms = [*content[_JSON]["schema"]["anyOf"], _PREDICTIONS]
    found = _operation("invocations", "Predict", {**content, _JSON: {"schema": {"anyOf": forms}}})
    found["responses"] |= error_responses()
    return {**found, "requestBody": predict["requestBody"]}


def _status() -> dict[str, Any]:
    status = {"type": "array", "items": {"type": "object"}}
    properties = {"name": _TEXT, "ready": {"type": "boolean"}, "model_version_status": status}
    content = {_JSON: {"schema": {"type": "object", "properties": properties}}}
    return _operation("v1_status", "Status of the model", content)


def _tensorflow(predict: dict[str, Any]) -> dict[str, Any]:
    """Return the operation that takes rows or columns and returns plain values."""
    known = predict["requestBody"]["content"][_JSON].get("examples", {})
    examples = {name: known[name] for name in ("rows", "inputs", "columns") if name in known}
    body = {"schema": {"oneOf": [reference("Rows"), reference("Inputs")]}}
    answer = {"schema": {"anyOf": [_PREDICTIONS, members(outputs=_VALUES)]}}
    found = _operation("v1_predict", "Predict", {_JSON: answer})
    found["responses"] |= error_responses(_JSON)
    content = {_JSON: {**body, **({"examples": examples} if examples else {})}}
    return {**found, "requestBody": {"required": True, "content": content}}


def _operation(called: str, summary: str, content: dict[str, Any]) -> dict[str, Any]:
    return {
        "operationId": called,
        "summary": summary,
        "responses": {"200": {"description": summary, "content": content}},
    }

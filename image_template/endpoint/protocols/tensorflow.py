"""The REST API of TensorFlow Serving, and KServe's V1 protocol, which is built on it.

Sources: https://www.tensorflow.org/tfx/serving/api_rest;
https://kserve.github.io/website/docs/concepts/architecture/data-plane/v1-protocol
"""

from typing import Any

from endpoint.event import Event, body_of
from endpoint.formats.json_body import json_rows, payload_of
from endpoint.formats.request import Shape, text_of
from endpoint.problem import ProblemError, cut, kind_of
from endpoint.response import Response, json_response
from endpoint.service import Service

_SIGNATURES = {"", "serving_default"}
_SHAPES = {"instances": Shape.VALUES, "inputs": Shape.OUTPUTS}
"""Both answer with plain values; rows under "predictions", columns under "outputs"."""


def status(name: str, service: Service) -> Response:
    """Return TensorFlow Serving's status and KServe's; a version is a number there."""
    version = service.identity["version"]
    available = {
        "version": version if version.isdecimal() else "1",
        "state": "AVAILABLE",
        "status": {"error_code": "OK", "error_message": ""},
    }
    return json_response({"name": name, "ready": True, "model_version_status": [available]})


def predict(name: str, event: Event, service: Service, request_id: str) -> Response:
    """Respond to `POST /v1/models/{model}`, where the parameter is "NAME:predict".

    The content type doesn't matter, as in TensorFlow Serving: its documentation sends JSON with
    `curl -d`, which calls it a form.

    Raises:
        ProblemError: 404 for another model or verb; if the request is invalid.
    """
    path = event.get("rawPath") or event.get("path")
    asked = str(path).rpartition("/")[2]
    if asked != f"{name}:predict":
        raise ProblemError(404, f"not found: {cut(asked)!r}; send POST /v1/models/{name}:predict")
    raw, _ = body_of(event, service.most_bytes)
    payload = payload_of(text_of(raw))
    keys = [key for key in _SHAPES if isinstance(payload, dict) and key in payload]
    if len(keys) != 1:
        raise ProblemError(422, f'send either "instances" or "inputs", got {_got(payload, keys)}')
    _require_default(payload)
    request = json_rows({keys[0]: payload[keys[0]]}, service.most_rows)
    return service.respond(request._replace(shape=_SHAPES[keys[0]]), request_id)


def _got(payload: Any, keys: list[str]) -> str:
    if isinstance(payload, dict):
        return "both" if keys else "neither"
    return kind_of(payload)


def _require_default(payload: dict[str, Any]) -> None:
    signature = payload.get("signature_name") or ""
    if not isinstance(signature, str) or signature not in _SIGNATURES:
        raise ProblemError(422, 'the model has one signature, "signature_name": "serving_default"')

"""The Open Inference Protocol (V2) of KServe and NVIDIA Triton.

Source: https://github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md
"""

from typing import Any

from endpoint.event import Event, body_of, header_of
from endpoint.formats import media_type
from endpoint.formats.json_body import parse
from endpoint.formats.request import text_of
from endpoint.problem import ProblemError, kind_of
from endpoint.response import Response, json_response
from endpoint.service import Service
from endpoint.v2.input_tensors import rows_of, tensors_in
from endpoint.v2.metadata import metadata
from endpoint.v2.output_tensors import chosen, tensors_of

_BINARY = "inference-header-content-length"
"""The header of Triton's binary tensor data extension: tensors follow the JSON as bytes."""


def respond(route: str, event: Event, service: Service, request_id: str) -> Response:
    """Respond to an event whose route belongs to the protocol.

    The route contains the model's name: API Gateway refuses requests with any other name.

    Raises:
        ProblemError: if the request is invalid.
    """
    match route.partition(" ")[2].split("/")[2:]:
        case []:
            server = {"name": "mldeploy", "version": service.identity["release"]}
            return json_response({**server, "extensions": []})
        case ["health", "live"]:
            return json_response({"live": True})
        case ["health", "ready"]:
            # The specification has "live" here too, servers have "ready".
            return json_response({"live": True, "ready": True})
        case ["models", name]:
            return json_response(metadata(name, service))
        case ["models", name, "ready"]:
            return json_response({"name": name, "ready": True})
        case ["models", name, "infer"]:
            return _infer(name, _request(event, service.most_bytes), service, request_id)
        case _:
            raise AssertionError(route)


def _request(event: Event, most_bytes: int) -> dict[str, Any]:
    """Return the parsed body. Clients of the protocol may omit the content type."""
    if header_of(event, _BINARY):
        raise ProblemError(415, "binary tensors aren't supported; send their data as JSON")
    raw, content_type = body_of(event, most_bytes)
    if media_type(content_type) not in {"application/json", ""}:
        raise ProblemError(415, "unsupported content-type; send application/json")
    request = parse(text_of(raw))
    if not isinstance(request, dict):
        raise ProblemError(400, f"the body must be a JSON object, got {kind_of(request)}")
    return request


def _infer(name: str, request: dict[str, Any], service: Service, request_id: str) -> Response:
    given_id = request.get("id")
    if not isinstance(given_id, str | None):
        raise ProblemError(422, f'"id" must be a string, got {kind_of(given_id)}')
    tensors = tensors_in(request)
    rows = rows_of(tensors, service.model.features, service.most_rows)
    answers, extra = service.answers(rows)
    parameters = {"release": service.identity["release"], "request_id": request_id}
    if extra:
        # The protocol allows strings, numbers and booleans as parameters.
        parameters["warnings"] = "; ".join(
            f"row {warning['row']}, {warning['column']!r}: {warning['detail']}"
            for warning in extra["warnings"]
        )
    body = {
        "model_name": name,
        "model_version": service.identity["version"],
        "id": request_id if given_id is None else given_id,
        "parameters": parameters,
        "outputs": chosen(tensors_of(answers), request.get("outputs")),
    }
    return json_response(body, rows=len(answers))

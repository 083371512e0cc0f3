"""The Open Inference Protocol (V2) of KServe and NVIDIA Triton.

Source: https://github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md
"""

from typing import TYPE_CHECKING, Any

from endpoint.event import Event, body_of, header_of
from endpoint.formats import media_type
from endpoint.formats.json_body import parse
from endpoint.formats.request import text_of
from endpoint.problem import ProblemError, kind_of
from endpoint.response import Response, json_response
from endpoint.service import Service
from endpoint.v2.input_tensors import parameters_of, rows_of, tensors_in
from endpoint.v2.metadata import metadata
from endpoint.v2.output_tensors import outputs_of

if TYPE_CHECKING:
    from endpoint.v2.binary import Tail

EXTENSIONS = ("binary_tensor_data", "classification")
"""Those of Triton: https://github.com/triton-inference-server/server, docs/protocol."""
_BINARY = "inference-header-content-length"
"""The header of the extension of binary tensors: tensors follow the JSON as bytes."""


def respond(route: str, event: Event, service: Service, request_id: str) -> Response:
    """Respond to an event whose route belongs to the protocol.

    The route contains the model's name: API Gateway refuses requests with any other name.

    Raises:
        ProblemError: if the request is invalid.
    """
    match route.partition(" ")[2].split("/")[2:]:
        case [*_, "{path+}"]:
            from endpoint.v2.unsupported import refusal

            raise refusal(event)
        case []:
            server = {"name": "mldeploy", "version": service.identity["release"]}
            return json_response({**server, "extensions": EXTENSIONS})
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
            request, tail = _request(event, service.most_bytes)
            return _infer(name, request, tail, service, request_id)
        case _:
            raise AssertionError(route)


def _request(event: Event, most_bytes: int) -> tuple[dict[str, Any], "Tail | None"]:
    """Return the parsed JSON, and the bytes after it if the request has binary tensors.

    Clients of the protocol may omit the content type. Triton's asynchronous client sends JSON
    as bytes, too (`aiohttp` adds the type).
    """
    raw, content_type = body_of(event, most_bytes)
    if media_type(content_type) not in {"application/json", "application/octet-stream", ""}:
        supported = "application/json, or application/octet-stream"
        raise ProblemError(415, f"unsupported content-type; send {supported}")
    tail = None
    if header := header_of(event, _BINARY):
        from endpoint.v2.binary import split

        raw, tail = split(raw, header)
    request = parse(text_of(raw), nan_is_missing=True)
    if not isinstance(request, dict):
        raise ProblemError(400, f"the body must be a JSON object, got {kind_of(request)}")
    return request, tail


def _infer(
    name: str, request: dict[str, Any], tail: "Tail | None", service: Service, request_id: str
) -> Response:
    given_id = request.get("id")
    if not isinstance(given_id, str | None):
        raise ProblemError(422, f'"id" must be a string, got {kind_of(given_id)}')
    _require_understood(request)
    tensors = tensors_in(request, tail)
    rows = rows_of(tensors, service.model.features, service.most_rows)
    answers, extra = service.answers(rows)
    release, version = service.identity["release"], service.identity["version"]
    parameters = {"release": release, "version": version, "request_id": request_id}
    if extra:
        # The protocol allows strings, numbers and booleans as parameters.
        parameters["warnings"] = "; ".join(
            f"row {warning['row']}, {warning['column']!r}: {warning['detail']}"
            for warning in extra["warnings"]
        )
    body = {
        "model_name": name,
        "id": request_id if given_id is None else given_id,
        "parameters": parameters,
        "outputs": outputs_of(answers, request.get("outputs")),
    }
    return json_response(body, rows=len(answers))


def _require_understood(request: dict[str, Any]) -> None:
    parameters = parameters_of("the request", request)
    content_type = parameters.get("content_type")
    if content_type is not None:
        from endpoint.v2.content_types import OF_REQUESTS, require_known

        require_known("the request", content_type, OF_REQUESTS)

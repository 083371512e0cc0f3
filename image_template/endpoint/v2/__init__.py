"""The Open Inference Protocol (V2), which KServe's and NVIDIA Triton's clients speak.

Source: https://github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md
"""

from typing import Any

from endpoint.event import Event, Reply, body_of, header_of, json_reply
from endpoint.formats import media_type
from endpoint.formats.json_body import parse
from endpoint.formats.request import text_of
from endpoint.predicting import Prediction
from endpoint.problem import ProblemError, kind_of
from endpoint.v2.metadata import metadata
from endpoint.v2.outputs import chosen, tensors_of
from endpoint.v2.tensors import rows_of, tensors_in

_BINARY = "inference-header-content-length"
"""Says that tensors follow the JSON as bytes (Triton's binary tensor data extension)."""


def answer(route: str, event: Event, prediction: Prediction, request_id: str) -> Reply:
    """Answer an event whose route is one of the protocol's.

    The model's name is in the route itself: API Gateway has refused any other.

    Raises:
        ProblemError: for what is wrong with the request.
    """
    match route.partition(" ")[2].split("/")[2:]:
        case []:
            server = {"name": "mldeploy", "version": prediction.identity["release"]}
            return json_reply({**server, "extensions": []})
        case ["health", "live"]:
            return json_reply({"live": True})
        case ["health", "ready"]:
            # The specification says "live" here too, and servers say "ready".
            return json_reply({"live": True, "ready": True})
        case ["models", name]:
            return json_reply(metadata(name, prediction))
        case ["models", name, "ready"]:
            return json_reply({"name": name, "ready": True})
        case ["models", name, "infer"]:
            return _infer(name, _asked(event, prediction.most_bytes), prediction, request_id)
        case _:
            raise AssertionError(route)


def _asked(event: Event, most_bytes: int) -> dict[str, Any]:
    """Return the parsed body. The protocol's clients may leave the content type out."""
    if header_of(event, _BINARY):
        raise ProblemError(415, "binary tensors aren't taken; send their data as JSON")
    raw, content_type = body_of(event, most_bytes)
    if media_type(content_type) not in {"application/json", ""}:
        raise ProblemError(415, "the content-type isn't taken; send application/json")
    asked = parse(text_of(raw))
    if not isinstance(asked, dict):
        raise ProblemError(400, f"the body must be a JSON object, got {kind_of(asked)}")
    return asked


def _infer(name: str, asked: dict[str, Any], prediction: Prediction, request_id: str) -> Reply:
    called = asked.get("id")
    if not isinstance(called, str | None):
        raise ProblemError(422, f'"id" must be a string, got {kind_of(called)}')
    tensors = tensors_in(asked)
    rows = rows_of(tensors, prediction.model.features, prediction.most_rows)
    answers, found = prediction.answers(rows)
    told = {"release": prediction.identity["release"], "request_id": request_id}
    if found:
        # A parameter is a string, a number or a boolean.
        told["warnings"] = "; ".join(
            f"row {one['row']}, {one['column']!r}: {one['detail']}" for one in found["warnings"]
        )
    body = {
        "model_name": name,
        "model_version": prediction.identity["version"],
        "id": request_id if called is None else called,
        "parameters": told,
        "outputs": chosen(tensors_of(answers), asked.get("outputs")),
    }
    return json_reply(body, rows=len(answers))

"""`/openapi.json`: the endpoint in OpenAPI 3.1.

Source: https://spec.openapis.org/oas/v3.1.0
"""

import re
from functools import cache
from typing import Any

from endpoint.event import Event
from endpoint.pages.access import auth_of, base_of, security
from endpoint.pages.errors import error_responses, gateway_responses
from endpoint.pages.examples import csv_examples, json_examples, response_examples
from endpoint.pages.openapi_protocols import operation as protocol
from endpoint.pages.openapi_v2 import operation, schemas_v2
from endpoint.pages.schemas import Schema, reference, request_components, request_schema
from endpoint.pages.schemas_about import about_components
from endpoint.pages.schemas_answers import answer_components, response_schema
from endpoint.response import Response, json_response
from endpoint.service import Service

_PAGE: Schema = {"type": "string"}
_LINES = "JSON lines (`application/jsonlines`), a row per line, are accepted too."
"""They have no schema in OpenAPI 3.1: `itemSchema` came with 3.2."""
_READ: dict[str, tuple[str, str, Schema]] = {
    "/": ("A web page with the model, its columns and a form", "text/html", _PAGE),
    "/docs": ("This documentation as a web page", "text/html", _PAGE),
    "/openapi.json": ("This document", "application/json", {"type": "object"}),
    "/health": (
        "The status of the endpoint and its release",
        "application/json",
        reference("Health"),
    ),
    "/metadata": (
        "The signature, metrics and versions of the model",
        "application/json",
        reference("Metadata"),
    ),
}
_PREDICTIONS, _ABOUT = "Predictions", "About the model"
_V2, _OTHERS = "Open Inference Protocol", "Other protocols"
_TAGS = {
    _PREDICTIONS: "Predictions for rows, as JSON or CSV.",
    _ABOUT: "Pages for people, and documents for programs.",
    _V2: "The protocol of KServe, Triton and MLServer (V2).",
    _OTHERS: "The paths of MLflow, SageMaker and TensorFlow Serving.",
}


def openapi(service: Service, routes: tuple[str, ...], event: Event) -> Response:
    """Return the document as a response to a request for it."""
    found = document(service, routes, auth_of(event))
    return json_response({**found, "servers": [{"url": base_of(event, "/openapi.json")}]})


@cache
def document(service: Service, routes: tuple[str, ...], auth: str = "") -> dict[str, Any]:
    """Return the document of the gateway's routes; the route of predictions is the first.

    Args:
        service: the model.
        routes: the route keys.
        auth: of the API: "iam", "jwt" or "" for a public one.
    """
    facts = service.model.facts
    paths = {
        path: {method: _completed(one, auth) for method, one in methods.items()}
        for path, methods in _paths(service, routes).items()
    }
    used = {tag for methods in paths.values() for one in methods.values() for tag in one["tags"]}
    required, schemes = security(auth)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{facts['model'].get('estimator') or 'Model'}: {facts['signature']['task']}",
            "version": service.identity["release"] or "unreleased",
            "description": "A model as an HTTP endpoint. One call of the model predicts all rows "
            "of a request; the predictions are in the order of the rows.",
        },
        "servers": [{"url": "/"}],
        "security": required,
        "tags": [{"name": name, "description": _TAGS[name]} for name in _TAGS if name in used],
        "paths": paths,
        "components": {
            "schemas": _schemas(service, routes),
            **({"securitySchemes": schemes} if schemes else {}),
        },
    }


def _schemas(service: Service, routes: tuple[str, ...]) -> dict[str, Schema]:
    facts = service.model.facts
    speaks_v2 = any(operation_of(route)[1].startswith("/v2") for route in routes[1:])
    return {
        **request_components(facts, service.most_rows),
        **answer_components(facts),
        **about_components(),
        **(schemas_v2() if speaks_v2 else {}),
    }


def _paths(service: Service, routes: tuple[str, ...]) -> dict[str, dict[str, dict[str, Any]]]:
    method, path = operation_of(routes[0])
    predict = _predict(service, routes[0])
    found = {path: {method: predict}}
    for route in routes[1:]:
        verb, where = operation_of(route)
        if route.endswith("+}"):  # other paths of a protocol: it has only errors
            continue
        if where.startswith("/v2"):
            one = operation(where, verb, service.model.facts)
        else:
            one = protocol(where, verb, predict) or _page(where)
        found.setdefault(_documented(where, routes), {})[verb] = one
    return found


def _documented(path: str, routes: tuple[str, ...]) -> str:
    """Return the path that clients call: TensorFlow's route for predictions takes the name's."""
    if path != "/v1/models/{model}":
        return path
    return next(f"{one[4:]}:predict" for one in routes if one.startswith("GET /v1/models/"))


def _completed(operation: dict[str, Any], auth: str) -> dict[str, Any]:
    """Return an operation with what all of them have: a tag, a description, the gateway's part."""
    responses = dict(operation["responses"])
    for status, response in gateway_responses(auth).items():
        before = responses.get(status, response)
        responses[status] = {**before, "content": _joined(before["content"], response["content"])}
    described = {"description": f"{operation['summary']}.", "tags": [_OTHERS]}
    return {**described, **operation, "responses": dict(sorted(responses.items()))}


def _joined(content: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Return both contents of a response; of one content type either schema is valid."""
    found = {**content, **more}
    for kind in content.keys() & more.keys():
        schemas = [one[kind]["schema"] for one in (content, more)]
        found[kind] = {"schema": schemas[0] if schemas[0] == schemas[1] else {"anyOf": schemas}}
    return found


def operation_of(route: str) -> tuple[str, str]:
    """Return method and path of a route key in OpenAPI's form; POST if the route has any method."""
    method, _, path = route.partition(" ")
    verb = "post" if method in {"ANY", "$default"} else method.lower()
    return verb, re.sub(r"\{([^}+]*)\+\}", r"{\1}", path) or "/"


def _predict(service: Service, route: str) -> dict[str, Any]:
    facts = service.model.facts
    body = {
        "application/json": _content(request_schema(), json_examples(facts)),
        "text/csv": _content({"type": "string", "minLength": 1}, csv_examples(facts)),
    }
    answer = {"application/json": _content(response_schema(), response_examples(service))}
    found: dict[str, Any] = {
        "operationId": "predict",
        "tags": [_PREDICTIONS],
        "summary": "Predict",
        "description": f"At most {service.most_bytes} bytes and {service.most_rows} rows. {_LINES}",
        "requestBody": {"required": True, "content": body},
        "responses": {
            "200": {"description": "The predictions", "content": answer},
            **error_responses(),
        },
    }
    names = re.findall(r"\{([^}+]*)\+?\}", route)
    if names:
        found["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ]
    return found


def _content(schema: Schema, examples: dict[str, Any]) -> dict[str, Any]:
    return {"schema": schema, **({"examples": examples} if examples else {})}


def _page(path: str) -> dict[str, Any]:
    summary, content_type, schema = _READ[path]
    content = {content_type: {"schema": schema}}
    return {
        "operationId": path.strip("/").replace(".", "_") or "page",
        "tags": [_ABOUT],
        "summary": summary,
        "responses": {"200": {"description": summary, "content": content}},
    }

"""The operations of a function in the OpenAPI document."""

import re
from typing import Any

from endpoint.pages.api import Function
from endpoint.pages.errors import error_responses
from endpoint.pages.examples import csv_examples, json_examples, response_examples
from endpoint.pages.openapi_protocols import operation as protocol
from endpoint.pages.openapi_v2 import operation
from endpoint.pages.schemas import Schema, reference, request_schema
from endpoint.pages.schemas_answers import response_schema

PREDICTIONS, ABOUT = "Predictions", "About the model"
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
_ANY: Schema = {}
_BODILESS = {"get", "head", "delete", "options"}

Operations = dict[str, dict[str, dict[str, Any]]]
"""Operations by path and method."""


def operations_of(function: Function) -> Operations:
    """Return a function's operations, that of predictions first."""
    method, path = operation_of(function.routes[0])
    first = _first(function)
    found = {path: {method: first}}
    for route in function.routes[1:] if function.facts else ():
        verb, where = operation_of(route)
        if route.endswith("+}"):  # other paths of a protocol: it has only errors
            continue
        if where.startswith("/v2"):
            one = operation(where, verb, function.facts or {})
        else:
            one = protocol(where, verb, first) or _page(where)
        found.setdefault(_documented(where, function.routes), {})[verb] = one
    return found


def operation_of(route: str) -> tuple[str, str]:
    """Return method and path of a route key in OpenAPI's form; POST if the route has any method."""
    method, _, path = route.partition(" ")
    verb = "post" if method in {"ANY", "$default"} else method.lower()
    return verb, re.sub(r"\{([^}+]*)\+\}", r"{\1}", path) or "/"


def _documented(path: str, routes: tuple[str, ...]) -> str:
    """Return the path that clients call: TensorFlow's route for predictions takes the name's."""
    if path != "/v1/models/{model}":
        return path
    return next(f"{one[4:]}:predict" for one in routes if one.startswith("GET /v1/models/"))


def _first(function: Function) -> dict[str, Any]:
    """Return the operation of a function's own route, with the parameters of its path."""
    route = function.routes[0]
    found = _predict(function, function.facts) if function.facts else _custom(function)
    names = re.findall(r"\{([^}+]*)\+?\}", route)
    if names:
        found["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ]
    return found


def _predict(function: Function, facts: dict[str, Any]) -> dict[str, Any]:
    body = {
        "application/json": _content(request_schema(), json_examples(facts)),
        "text/csv": _content({"type": "string", "minLength": 1}, csv_examples(facts)),
    }
    examples = response_examples(facts, function.identity)
    answer = {"application/json": _content(response_schema(), examples)}
    limits = f"At most {function.most_bytes:,} bytes and {function.most_rows:,} rows."
    return {
        "operationId": "predict" if function.own else f"predict_{_identifier(function)}",
        "tags": [PREDICTIONS],
        "summary": "Predict" if function.own else f"Predict ({function.name})",
        "description": f"{limits} {_LINES}",
        "requestBody": {"required": True, "content": body},
        "responses": {
            "200": {"description": "The predictions", "content": answer},
            **error_responses(),
        },
    }


def _custom(function: Function) -> dict[str, Any]:
    """Return the operation of a user's handler, which may take and return anything."""
    verb, _ = operation_of(function.routes[0])
    content = {"application/json": {"schema": _ANY}}
    found: dict[str, Any] = {
        "operationId": f"call_{_identifier(function)}",
        "tags": [PREDICTIONS],
        "summary": f"Call {function.name}",
        "description": "A handler of the project's own decides what it takes and returns.",
        "responses": {"200": {"description": "The response", "content": content}},
    }
    body = {} if verb in _BODILESS else {"requestBody": {"content": content}}
    return {**found, **body}


def _identifier(function: Function) -> str:
    """Return a function's name as a part of an operation's id."""
    return function.name.replace("-", "_")


def _content(schema: Schema, examples: dict[str, Any]) -> dict[str, Any]:
    return {"schema": schema, **({"examples": examples} if examples else {})}


def _page(path: str) -> dict[str, Any]:
    summary, content_type, schema = _READ[path]
    content = {content_type: {"schema": schema}}
    return {
        "operationId": path.strip("/").replace(".", "_") or "page",
        "tags": [ABOUT],
        "summary": summary,
        "responses": {"200": {"description": summary, "content": content}},
    }

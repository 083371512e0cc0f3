"""`/openapi.json`: the endpoint in OpenAPI 3.1.

Source: https://spec.openapis.org/oas/v3.1.0
"""

import re
from functools import cache
from typing import Any

from endpoint.pages.errors import error_responses
from endpoint.pages.openapi_protocols import operation as protocol
from endpoint.pages.openapi_v2 import operation, schemas_v2
from endpoint.pages.schemas import components, request_schema, response_schema
from endpoint.response import Response, json_response
from endpoint.service import Service

_READ = {
    "/": ("A web page with the model, its columns and a form", "text/html"),
    "/docs": ("This documentation as a web page", "text/html"),
    "/openapi.json": ("This document", "application/json"),
    "/health": ("The status of the endpoint and its release", "application/json"),
    "/metadata": ("The signature, metrics and versions of the model", "application/json"),
}


def openapi(service: Service, routes: tuple[str, ...]) -> Response:
    """Return the document as a response."""
    return json_response(document(service, routes))


@cache
def document(service: Service, routes: tuple[str, ...]) -> dict[str, Any]:
    """Return the document of the gateway's routes; the route of predictions is the first."""
    facts = service.model.facts
    method, path = operation_of(routes[0])
    schemas = components(facts)
    paths: dict[str, Any] = {path: {method: _predict(service, routes[0])}}
    for route in routes[1:]:
        verb, where = operation_of(route)
        if route.endswith("+}"):  # other paths of a protocol: it has only errors
            continue
        if where.startswith("/v2"):
            paths.setdefault(where, {})[verb] = operation(where, verb, facts)
            schemas |= schemas_v2()
        else:
            request = request_schema(facts, service.most_rows)
            found = protocol(where, verb, request)
            paths.setdefault(where, {})[verb] = found or _page(where)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{facts['model'].get('estimator') or 'Model'}: {facts['signature']['task']}",
            "version": service.identity["release"] or "unreleased",
            "description": "A model as an HTTP endpoint. One call of the model predicts all rows "
            "of a request; the predictions are in the order of the rows.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def operation_of(route: str) -> tuple[str, str]:
    """Return method and path of a route key in OpenAPI's form; POST if the route has any method."""
    method, _, path = route.partition(" ")
    verb = "post" if method in {"ANY", "$default"} else method.lower()
    return verb, re.sub(r"\{([^}+]*)\+\}", r"{\1}", path) or "/"


def _predict(service: Service, route: str) -> dict[str, Any]:
    facts = service.model.facts
    body: dict[str, Any] = {
        "application/json": {"schema": request_schema(facts, service.most_rows)},
        "text/csv": {"schema": {"type": "string", "minLength": 1}},
    }
    answer: dict[str, Any] = {"schema": response_schema()}
    if facts.get("example"):
        row = {"summary": "one row", "value": facts["example"]}
        rows = {"summary": "a header and rows", "value": csv_example(facts)}
        body["application/json"]["examples"] = {"row": row}
        body["text/csv"]["examples"] = {"rows": rows}
    known = response_example(service)
    if known is not None:
        answer["examples"] = {"row": {"summary": "one row", "value": known}}
    found: dict[str, Any] = {
        "operationId": "predict",
        "summary": "Predict",
        "description": f"At most {service.most_bytes} bytes and {service.most_rows} rows.",
        "requestBody": {"required": True, "content": body},
        "responses": {
            "200": {"description": "The predictions", "content": {"application/json": answer}},
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


def _page(path: str) -> dict[str, Any]:
    summary, content_type = _READ[path]
    schema = {"type": "string" if content_type == "text/html" else "object"}
    content = {content_type: {"schema": schema}}
    return {
        "operationId": path.strip("/").replace(".", "_") or "page",
        "summary": summary,
        "responses": {"200": {"description": summary, "content": content}},
    }


def response_example(service: Service) -> dict[str, Any] | None:
    """Return the response for the example with the prediction from training, or None."""
    known = service.model.facts.get("example_answer")
    if known is None:
        return None
    return {"prediction": known, "model": service.identity, "request_id": "…"}


def csv_example(facts: dict[str, Any]) -> str:
    """Return the example's row as CSV with a header."""
    import csv
    import io

    names = [feature["name"] for feature in facts["signature"]["features"]]
    row = facts["example"]["features"]
    values = [row] if isinstance(row, str) else row
    values = [row[name] for name in names] if isinstance(row, dict) else values
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerow([_field(value) for value in values])
    return stream.getvalue()


def _field(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value

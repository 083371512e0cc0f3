"""`/openapi.json`: the endpoint in OpenAPI 3.1, made of what the model and the gateway know.

Source: https://spec.openapis.org/oas/v3.1.0
"""

import re
from functools import cache
from typing import Any

from endpoint.event import Reply, json_reply
from endpoint.pages.errors import error_responses
from endpoint.pages.openapi_v2 import operation, schemas_v2
from endpoint.pages.schemas import components, request, response
from endpoint.predicting import Prediction

_READ = {
    "/": ("A page for people: the model, its columns, a form", "text/html"),
    "/docs": ("This documentation, for people", "text/html"),
    "/openapi.json": ("This document", "application/json"),
    "/health": ("Whether the model is loaded, and which one", "application/json"),
    "/metadata": ("What the model is, takes and gives, and how good it is", "application/json"),
}


def openapi(prediction: Prediction, routes: tuple[str, ...]) -> Reply:
    """Return the document of what is served."""
    return json_reply(document(prediction, routes))


@cache
def document(prediction: Prediction, routes: tuple[str, ...]) -> dict[str, Any]:
    """Return the document; `routes` are the gateway's, that of predictions first."""
    facts = prediction.model.facts
    method, path = operation_of(routes[0])
    schemas = components(facts)
    paths: dict[str, Any] = {path: {method: _predict(prediction, routes[0])}}
    for route in routes[1:]:
        verb, where = operation_of(route)
        if where.startswith("/v2"):
            paths.setdefault(where, {})[verb] = operation(where, verb)
            schemas |= schemas_v2()
        else:
            paths.setdefault(where, {})[verb] = _page(where)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": f"{facts['model'].get('estimator') or 'Model'}: {facts['signature']['task']}",
            "version": prediction.identity["release"] or "unreleased",
            "description": "A model as an HTTP endpoint. Rows are answered in their order, by one "
            "call of the model.",
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }


def operation_of(route: str) -> tuple[str, str]:
    """Return method and path of a route key, as OpenAPI has them; POST where any is taken."""
    method, _, path = route.partition(" ")
    verb = "post" if method in {"ANY", "$default"} else method.lower()
    return verb, re.sub(r"\{([^}+]*)\+\}", r"{\1}", path) or "/"


def _predict(prediction: Prediction, route: str) -> dict[str, Any]:
    facts = prediction.model.facts
    body: dict[str, Any] = {
        "application/json": {"schema": request(facts, prediction.most_rows)},
        "text/csv": {"schema": {"type": "string", "minLength": 1}},
    }
    answer: dict[str, Any] = {"schema": response()}
    if facts.get("example"):
        row = {"summary": "one row", "value": facts["example"]}
        rows = {"summary": "a header and rows", "value": csv_example(facts)}
        body["application/json"]["examples"] = {"row": row}
        body["text/csv"]["examples"] = {"rows": rows}
    known = answer_example(prediction)
    if known is not None:
        answer["examples"] = {"row": {"summary": "one row", "value": known}}
    found: dict[str, Any] = {
        "operationId": "predict",
        "summary": "Predict",
        "description": f"At most {prediction.most_bytes} bytes and {prediction.most_rows} rows.",
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


def answer_example(prediction: Prediction) -> dict[str, Any] | None:
    """Return the answer that the example got when the model was proved, or None."""
    known = prediction.model.facts.get("example_answer")
    if known is None:
        return None
    return {"prediction": known, "model": prediction.identity, "request_id": "…"}


def csv_example(facts: dict[str, Any]) -> str:
    """Return the example's row as a CSV with a header."""
    import csv
    import io

    names = [one["name"] for one in facts["signature"]["features"]]
    row = facts["example"]["features"]
    values = [row] if isinstance(row, str) else row
    values = [row[name] for name in names] if isinstance(row, dict) else values
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerow([_field(one) for one in values])
    return stream.getvalue()


def _field(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value

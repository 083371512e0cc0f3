"""`/openapi.json`: all functions of the API in OpenAPI 3.1.

Source: https://spec.openapis.org/oas/v3.1.0
"""

from functools import cache
from typing import Any

from endpoint.event import Event
from endpoint.pages.access import auth_of, base_of, security
from endpoint.pages.api import Api, Function, api_of
from endpoint.pages.errors import gateway_responses
from endpoint.pages.openapi_v2 import schemas_v2
from endpoint.pages.operations import ABOUT, PREDICTIONS, Operations, operation_of, operations_of
from endpoint.pages.schemas import Schema, request_components
from endpoint.pages.schemas_about import about_components
from endpoint.pages.schemas_answers import answer_components
from endpoint.response import Response, json_response
from endpoint.service import Service

_V2, _OTHERS = "Open Inference Protocol", "Other protocols"
_TAGS = {
    PREDICTIONS: "Predictions for rows, as JSON or CSV.",
    ABOUT: "Pages for people, and documents for programs.",
    _V2: "The protocol of KServe, Triton and MLServer (V2).",
    _OTHERS: "The paths of MLflow, SageMaker and TensorFlow Serving.",
}
_DESCRIPTION = (
    "A model as an HTTP endpoint. One call of the model predicts all rows "
    "of a request; the predictions are in the order of the rows."
)
_COMPONENT = "#/components/schemas/"
_OF_ANSWERS = ("Answer", "Value", "Prediction", "Predictions", "Values")
"""Components of responses that differ between models."""


def openapi(service: Service, routes: tuple[str, ...], event: Event) -> Response:
    """Return the document as a response to a request for it."""
    found = document(api_of(service, routes), auth_of(event))
    return json_response({**found, "servers": [{"url": base_of(event, "/openapi.json")}]})


@cache
def document(api: Api, auth: str = "") -> dict[str, Any]:
    """Return the document of an API.

    Args:
        api: its functions, the one that responds first.
        auth: of the API: "iam", "jwt" or "" for a public one.
    """
    paths, schemas = _merged(api)
    completed = {
        path: {method: _completed(one, auth) for method, one in methods.items()}
        for path, methods in paths.items()
    }
    used = {
        tag for methods in completed.values() for one in methods.values() for tag in one["tags"]
    }
    required, schemes = security(auth)
    return {
        "openapi": "3.1.0",
        "info": _info(api),
        "servers": [{"url": "/"}],
        "security": required,
        "tags": [{"name": name, "description": _TAGS[name]} for name in _TAGS if name in used],
        "paths": completed,
        "components": {
            "schemas": schemas,
            **({"securitySchemes": schemes} if schemes else {}),
        },
    }


def _info(api: Api) -> dict[str, Any]:
    kind = "email" if "://" not in api.contact else "url"
    return {
        "title": api.title,
        "version": api.own.identity["release"] or "unreleased",
        "description": api.description or _DESCRIPTION,
        **({"contact": {kind: api.contact}} if api.contact else {}),
    }


def _merged(api: Api) -> tuple[Operations, dict[str, Schema]]:
    """Return the operations and components of all functions.

    The components of the function that responds keep their names, so that code made of the document
    of one function stays; those of another model get its function's name.
    """
    paths: Operations = {}
    schemas: dict[str, Schema] = {}
    for function in api.functions:
        components, operations = _components(function), operations_of(function)
        if not function.own:
            names = _names(function, schemas)
            components = {names.get(one, one): schema for one, schema in components.items()}
            components, operations = _renamed((components, operations), names)
        schemas |= {name: one for name, one in components.items() if name not in schemas}
        for path, methods in operations.items():
            for verb, operation in methods.items():
                paths.setdefault(path, {}).setdefault(verb, operation)
    if any(operation_of(route)[1].startswith("/v2") for route in api.routes):
        schemas |= schemas_v2()
    return paths, schemas


def _components(function: Function) -> dict[str, Schema]:
    if function.facts is None:
        return {}
    return {
        **request_components(function.facts, function.most_rows),
        **answer_components(function.facts),
        **about_components(),
    }


def _names(function: Function, taken: dict[str, Schema]) -> dict[str, str]:
    """Return new names for the components that depend on a function's model.

    Generators make one class of two names that differ in case or punctuation only.
    """
    if function.facts is None:
        return {}
    prefix = "".join(part.capitalize() for part in function.name.split("-"))
    known = {name.lower() for name in (*taken, *schemas_v2())}
    found = {}
    for name in (*request_components(function.facts, 1), *_OF_ANSWERS):
        new = prefix + name
        while new.lower() in known:
            new += "Of"
        known.add(new.lower())
        found[name] = new
    return found


def _renamed(found: Any, names: dict[str, str]) -> Any:
    """Return a part of a document whose references have the new names; examples have none."""
    match found:
        case {"$ref": str(reference)} if len(found) == 1:
            name = reference.removeprefix(_COMPONENT)
            return {"$ref": _COMPONENT + names.get(name, name)}
        case dict():
            return {
                key: value if key == "examples" else _renamed(value, names)
                for key, value in found.items()
            }
        case list() | tuple():
            return [_renamed(value, names) for value in found]
        case _:
            return found


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

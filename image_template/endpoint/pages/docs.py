"""`/docs`: the OpenAPI document as a web page."""

import json
import re
from typing import Any

from endpoint.event import Event
from endpoint.pages.access import auth_of, base_of
from endpoint.pages.api import Function, api_of
from endpoint.pages.html import (
    about,
    asset,
    attribute,
    card,
    columns_table,
    header,
    links_of,
    page,
    table,
    text,
)
from endpoint.pages.openapi import document
from endpoint.pages.operations import operations_of
from endpoint.pages.snippets import Target, calls, clients, code, curl, tabs
from endpoint.response import Response
from endpoint.service import Service

SCRIPT = asset("page.js")


def docs(service: Service, routes: tuple[str, ...], event: Event) -> Response:
    """Return the page."""
    api = api_of(service, routes)
    auth, base = auth_of(event), base_of(event, "/docs").rstrip("/")
    openapi = document(api, auth)
    several = len(api.functions) > 1
    functions = "".join(
        _function(one, openapi, Target(base, auth), several=several) for one in api.functions
    )
    generated = ""
    if "GET /openapi.json" in api.routes:
        generated = card("Generated clients", clients(f"{base}/openapi.json", auth))
    body = (
        header(f"{api.title}: documentation", links_of(routes, "/docs"))
        + "<main>"
        + about(openapi["info"]["description"], api.contact)
        + f'<p class="soft">Release {text(openapi["info"]["version"])}, at {text(base or "/")}</p>'
        + (_contents(api.functions) if several else "")
        + f"{functions}{card('Errors', _errors(openapi))}{generated}</main>"
    )
    return page(f"{api.title}: documentation", body, SCRIPT)


def _contents(functions: tuple[Function, ...]) -> str:
    links = "".join(f'<a href="#{attribute(one.name)}">{text(one.name)}</a>' for one in functions)
    return f'<nav class="functions" aria-label="Functions">{links}</nav>'


def _function(function: Function, openapi: dict[str, Any], target: Target, *, several: bool) -> str:
    """Return a function's operations, those that take rows first, and its columns."""
    found = [
        (path, method, openapi["paths"][path][method])
        for path, methods in operations_of(function).items()
        for method in methods
        if method in openapi["paths"].get(path, {})
    ]
    asked = [one for one in found if "requestBody" in one[2] or one is found[0]]
    read = [one for one in found if one not in asked]
    parts = [f'<h2 id="{attribute(function.name)}">{text(function.name)}</h2>'] if several else []
    parts += [_operation(*one, openapi["components"]["schemas"], target) for one in asked]
    if read:
        rows = [[_route(path, method), _prose(one["summary"])] for path, method, one in read]
        parts.append(card("Other paths", table(["path", "response"], rows, stacked=True)))
    if function.facts:
        parts.append(card("Columns", columns_table(function.facts["signature"]["features"])))
    return "".join(parts)


def _route(path: str, method: str) -> str:
    return f'<span class="verb">{text(method.upper())}</span> <code>{text(path)}</code>'


def _operation(
    path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any], target: Target
) -> str:
    requests = (operation.get("requestBody") or {}).get("content", {})
    here = Target(target.url + path, target.auth)
    answers = operation["responses"]["200"]
    parts = [
        f'<h3 class="route">{_route(path, method)}</h3>',
        f"<p>{_prose(_said(operation))}</p>",
        *(_request(here, kind, body, schemas) for kind, body in requests.items()),
        f"<h4>Response: {text(answers['description'])}</h4>",
        *map(_examples, answers["content"].values()),
    ]
    return f'<section class="card">{"".join(parts)}</section>'


def _errors(openapi: dict[str, Any]) -> str:
    """Return a table of all responses but 200, of which operations have few or many."""
    found = {
        (status, response["description"]): ", ".join(response["content"])
        for methods in openapi["paths"].values()
        for operation in methods.values()
        for status, response in operation["responses"].items()
        if status != "200"
    }
    rows = [[text(status), text(said), text(kinds)] for (status, said), kinds in found.items()]
    return table(["status", "reason", "content type"], sorted(rows), stacked=True)


def _said(operation: dict[str, Any]) -> str:
    summary, description = f"{operation['summary']}.", str(operation["description"])
    return description if description.startswith(summary) else f"{summary} {description}"


def _sentence(name: str) -> str:
    return name[:1].upper() + name[1:]


def _prose(description: str) -> str:
    """Return a description; what is in backquotes there is code."""
    return re.sub(r"`([^`<]*)`", r"<code>\1</code>", text(description))


def _request(
    target: Target, content_type: str, content: dict[str, Any], schemas: dict[str, Any]
) -> str:
    """Return code for the first example of a body, and a command for each further format."""
    forms = (
        schemas.get(one.get("$ref", "").rpartition("/")[2], one)
        for one in content["schema"].get("oneOf", [])
    )
    formats = [form["title"] for form in forms if "title" in form]
    listed = f"<p>Formats: {text('; '.join(formats))}</p>" if formats else ""
    examples = list(content.get("examples", {}).values())
    is_json = content_type == "application/json"
    shown = ""
    if examples and is_json:
        first, *examples = examples
        key = re.sub(r"\W", "-", target.url)
        shown = tabs("Language", calls(target, first["value"]), f"t{key}")
    others = "".join(
        f"<p>{text(_sentence(example['summary']))}:</p>"
        + code(text(curl(target, _body(example["value"]), content_type)))
        for example in examples
    )
    if is_json and others:
        others = f"<details><summary>Other formats</summary>{others}</details>"
    return f"<h4>{text(content_type)}</h4>{listed}{shown}{others}"


def _body(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _examples(content: dict[str, Any]) -> str:
    """Return the responses to the examples; nobody has to scroll past them."""
    found = content.get("examples", {}).values()
    return "".join(
        f"<details><summary>{text(_sentence(one['summary']))}</summary>"
        f"<pre>{text(json.dumps(one['value'], indent=2, ensure_ascii=False))}</pre></details>"
        for one in found
    )

"""`/docs`: the OpenAPI document as a web page."""

import json
import shlex
from typing import Any

from endpoint.event import Event
from endpoint.pages.access import auth_of
from endpoint.pages.html import columns_table, header, links_of, page, table, text
from endpoint.pages.openapi import document
from endpoint.response import Response
from endpoint.service import Service


def docs(service: Service, routes: tuple[str, ...], event: Event) -> Response:
    """Return the page."""
    openapi = document(service, routes, auth_of(event))
    info = openapi["info"]
    operations = "".join(
        _operation(path, method, operation, openapi["components"]["schemas"])
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    )
    columns = columns_table(service.model.facts["signature"]["features"])
    body = (
        header("Documentation", links_of(routes, "/docs"))
        + f'<p class="soft">{text(info["title"])}, release {text(info["version"])}. '
        f"{text(info['description'])}</p>"
        + operations
        + f'<section class="card"><h2>Columns</h2>{columns}</section>'
    )
    return page("Documentation", body)


def _operation(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    requests = (operation.get("requestBody") or {}).get("content", {})
    parts = [
        f"<h2><span class=verb>{text(method.upper())}</span> <code>{text(path)}</code></h2>",
        f"<p>{text(operation['summary'])}. {text(operation.get('description', ''))}</p>",
        *(_request(path, kind, body, schemas) for kind, body in requests.items()),
        "<h3>Responses</h3>",
        table(
            ["status", "content type", "description"],
            list(map(_response, operation["responses"].items())),
        ),
        *map(_examples, operation["responses"]["200"]["content"].values()),
    ]
    return f'<section class="card">{"".join(parts)}</section>'


def _request(path: str, content_type: str, content: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Return the formats of a request body and one command per example."""
    forms = (
        schemas.get(one.get("$ref", "").rpartition("/")[2], one)
        for one in content["schema"].get("oneOf", [])
    )
    formats = [form["title"] for form in forms if "title" in form]
    listed = f"<p>Formats: {text('; '.join(formats))}</p>" if formats else ""
    return f"<h3>{text(content_type)}</h3>{listed}" + "".join(
        f"<p>{text(example['summary'].capitalize())}:</p>"
        f"<pre>{text(_command(path, content_type, example['value']))}</pre>"
        for example in content.get("examples", {}).values()
    )


def _command(path: str, content_type: str, value: Any) -> str:
    """Return the curl command; --data-binary keeps the line breaks of a CSV."""
    body = value if isinstance(value, str) else json.dumps(value)
    if content_type == "application/json":
        return f'curl --json {shlex.quote(body)} "$URL{path}"'
    return f'curl -H "content-type: {content_type}" --data-binary {shlex.quote(body)} "$URL{path}"'


def _response(item: tuple[str, dict[str, Any]]) -> list[str]:
    status, response = item
    return [text(status), text(", ".join(response["content"])), text(response["description"])]


def _examples(content: dict[str, Any]) -> str:
    values = (example["value"] for example in content.get("examples", {}).values())
    return "".join(f"<pre>{text(json.dumps(value, indent=2))}</pre>" for value in values)

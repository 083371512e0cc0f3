"""`/docs`: the OpenAPI document as a web page."""

import json
import shlex
from typing import Any

from endpoint.pages.html import columns_table, header, links_of, page, table, text
from endpoint.pages.openapi import document
from endpoint.response import Response
from endpoint.service import Service


def docs(service: Service, routes: tuple[str, ...]) -> Response:
    """Return the page."""
    openapi = document(service, routes)
    info = openapi["info"]
    operations = "".join(
        _operation(path, method, operation)
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


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    requests = (operation.get("requestBody") or {}).get("content", {})
    parts = [
        f"<h2><span class=verb>{text(method.upper())}</span> <code>{text(path)}</code></h2>",
        f"<p>{text(operation['summary'])}. {text(operation.get('description', ''))}</p>",
        *(_request(path, content_type, body) for content_type, body in requests.items()),
        "<h3>Responses</h3>",
        table(
            ["status", "content type", "description"],
            list(map(_response, operation["responses"].items())),
        ),
        *map(_examples, operation["responses"]["200"]["content"].values()),
    ]
    return f'<section class="card">{"".join(parts)}</section>'


def _request(path: str, content_type: str, content: dict[str, Any]) -> str:
    """Return the formats of a request body and one command per example."""
    schemas = content["schema"].get("oneOf", [])
    formats = [schema["title"] for schema in schemas if "title" in schema]
    listed = f"<p>Formats: {text('; '.join(formats))}</p>" if formats else ""
    return f"<h3>{text(content_type)}</h3>{listed}" + "".join(
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

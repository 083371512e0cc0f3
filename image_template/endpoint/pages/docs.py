"""`/docs`: the OpenAPI document for people."""

import json
import shlex
from typing import Any

from endpoint.event import Reply
from endpoint.pages.html import columns_table, header, links_of, page, table, text
from endpoint.pages.openapi import document
from endpoint.predicting import Prediction


def docs(prediction: Prediction, routes: tuple[str, ...]) -> Reply:
    """Return the page."""
    described = document(prediction, routes)
    info = described["info"]
    operations = "".join(
        _operation(path, method, one)
        for path, methods in described["paths"].items()
        for method, one in methods.items()
    )
    columns = columns_table(prediction.model.facts["signature"]["features"])
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
        *(_request(path, kind, one) for kind, one in requests.items()),
        "<h3>Answers</h3>",
        table(["status", "body", "when"], list(map(_response, operation["responses"].items()))),
        *map(_examples, operation["responses"]["200"]["content"].values()),
    ]
    return f'<section class="card">{"".join(parts)}</section>'


def _request(path: str, kind: str, content: dict[str, Any]) -> str:
    """Return what a body may be: the formats' names, and a command for each example."""
    formats = [one["title"] for one in content["schema"].get("oneOf", []) if "title" in one]
    named = f"<p>Formats: {text('; '.join(formats))}</p>" if formats else ""
    return f"<h3>{text(kind)}</h3>{named}" + "".join(
        f"<pre>{text(_command(path, kind, one['value']))}</pre>"
        for one in content.get("examples", {}).values()
    )


def _command(path: str, kind: str, value: Any) -> str:
    """Return the line for curl; --data-binary keeps a CSV's line breaks."""
    body = value if isinstance(value, str) else json.dumps(value)
    if kind == "application/json":
        return f'curl --json {shlex.quote(body)} "$URL{path}"'
    return f'curl -H "content-type: {kind}" --data-binary {shlex.quote(body)} "$URL{path}"'


def _response(item: tuple[str, dict[str, Any]]) -> list[str]:
    status, response = item
    return [text(status), text(", ".join(response["content"])), text(response["description"])]


def _examples(content: dict[str, Any]) -> str:
    found = (one["value"] for one in content.get("examples", {}).values())
    return "".join(f"<pre>{text(json.dumps(one, indent=2))}</pre>" for one in found)

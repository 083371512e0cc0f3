"""Parts of all pages: escaping, the stylesheet, and headers that keep foreign content out."""

import hashlib
import json
from base64 import b64encode
from html import escape
from pathlib import Path
from typing import Any

from endpoint.features import allowed
from endpoint.response import Response
from endpoint.rows import span

ASSETS = Path(__file__).parent / "assets"


def asset(name: str) -> str:
    """Return the text of a stylesheet or script, which a page holds inline."""
    return (ASSETS / name).read_text(encoding="utf-8")


STYLE = asset("page.css")


def text(value: Any) -> str:
    """Return a value as HTML text; `bdi` isolates bidirectional marks in it."""
    return f"<bdi>{escape(str(value))}</bdi>"


def attribute(value: Any) -> str:
    """Return a value for an HTML attribute in double quotes."""
    return escape(str(value), quote=True)


def page(title: str, body: str, script: str = "") -> Response:
    """Return a page that runs only this script and loads nothing.

    Source: https://www.w3.org/TR/CSP3/
    """
    policy = {
        "default-src": "'none'",
        "style-src": _hash(STYLE),
        "script-src": _hash(script) if script else "'none'",
        "connect-src": "'self'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    headers = (
        ("content-security-policy", "; ".join(f"{name} {value}" for name, value in policy.items())),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-cache"),
    )
    html = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body><main>{body}</main>"
        f"{f'<script>{script}</script>' if script else ''}</body></html>"
    )
    return Response(200, html, "text/html; charset=utf-8", headers=headers)


def header(title: str, links: dict[str, str]) -> str:
    """Return the header of a page, with links to the other pages."""
    anchors = "".join(f'<a href="{attribute(to)}">{text(name)}</a>' for name, to in links.items())
    return f"<header><h1>{text(title)}</h1><nav>{anchors}</nav></header>"


def links_of(routes: tuple[str, ...], here: str) -> dict[str, str]:
    """Return the paths of the other pages that are served, relative to this page."""
    names = {"/": "Model", "/docs": "Documentation", "/openapi.json": "OpenAPI"}
    return {
        name: path.removeprefix("/") or "./"
        for path, name in names.items()
        if path != here and f"GET {path}" in routes
    }


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table; the cells are HTML."""
    top = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def columns_table(features: list[dict[str, Any]]) -> str:
    """Return a table of the model's columns."""
    head = ["column", "type", "training values", "may be missing"]
    rows = [
        [
            text(feature["name"]),
            text(feature["dtype"]),
            text(range_of(feature)),
            "yes" if feature.get("nullable") else "no",
        ]
        for feature in features
    ]
    return table(head, rows)


def range_of(feature: dict[str, Any]) -> str:
    """Return the published range or values of a column in the training data, as text."""
    known = allowed(feature)
    if "minimum" in feature and not known:
        return span(feature["minimum"], feature["maximum"])
    if known:
        more = f", … ({len(known)})" if len(known) > 8 else ""  # noqa: PLR2004 - what fits a line
        shown = ", ".join(map(written, known[:8]))
        return shown + more + (" (no others)" if feature.get("closed") else "")
    if feature.get("closed"):
        return "not listed (no others)"
    return "text" if feature["dtype"] == "string" else ""


def written(value: Any) -> str:
    """Return a value as text in a form: strings unchanged, other values as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"

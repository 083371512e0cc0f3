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


def asset(*names: str) -> str:
    """Return the text of stylesheets or scripts, which a page holds inline."""
    return "".join((ASSETS / name).read_text(encoding="utf-8") for name in names)


STYLE = asset("page.css")


def text(value: Any) -> str:
    """Return a value as HTML text; `bdi` isolates bidirectional marks in it."""
    return f"<bdi>{escape(str(value))}</bdi>"


def attribute(value: Any) -> str:
    """Return a value for an HTML attribute in double quotes."""
    return escape(str(value), quote=True)


def page(title: str, body: str, script: str) -> Response:
    """Return a page that runs only this script and loads nothing.

    Source: https://www.w3.org/TR/CSP3/
    """
    policy = {
        "default-src": "'none'",
        "style-src": _hash(STYLE),
        "script-src": _hash(script),
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
        f"<style>{STYLE}</style></head><body>{body}"
        f"<script>{script}</script></body></html>"
    )
    return Response(200, html, "text/html; charset=utf-8", headers=headers)


def header(title: str, links: dict[str, str]) -> str:
    """Return the header of a page, with links to the other pages."""
    anchors = "".join(f'<a href="{attribute(to)}">{text(name)}</a>' for name, to in links.items())
    nav = f'<nav aria-label="Pages">{anchors}</nav>' if anchors else ""
    return f"<header><h1>{text(title)}</h1>{nav}</header>"


def about(description: str, contact: str) -> str:
    """Return the description, a paragraph per block of lines, and the contact as a link."""
    paragraphs = [part for part in description.split("\n\n") if part.strip()]
    found = "".join(f'<p class="lead">{text(part.strip())}</p>' for part in paragraphs)
    if not contact:
        return found
    address = contact if "://" in contact else f"mailto:{contact}"
    return f'{found}<p class="soft">Contact: <a href="{attribute(address)}">{text(contact)}</a></p>'


def links_of(routes: tuple[str, ...], here: str) -> dict[str, str]:
    """Return the paths of the other pages that are served, relative to this page."""
    names = {"/": "Model", "/docs": "Documentation", "/openapi.json": "OpenAPI"}
    return {
        name: path.removeprefix("/") or "./"
        for path, name in names.items()
        if path != here and f"GET {path}" in routes
    }


def card(title: str, content: str, key: str = "") -> str:
    """Return a part of a page with a heading; `key`: its id."""
    place = f' id="{attribute(key)}"' if key else ""
    return f'<section class="card"{place}><h2>{text(title)}</h2>{content}</section>'


def table(head: list[str], rows: list[list[str]], *, stacked: bool = False) -> str:
    """Return a table; the cells are HTML.

    Args:
        head: names of the columns.
        rows: their cells.
        stacked: whether a phone shows each row as a list of names and values.
    """
    top = "".join(f'<th scope="col">{text(name)}</th>' for name in head)
    labels = [f' data-label="{attribute(name)}"' if stacked else "" for name in head]
    body = "".join(
        "<tr>" + "".join(f"<td{labels[n]}>{cell}</td>" for n, cell in enumerate(row)) + "</tr>"
        for row in rows
    )
    kind = ' class="stacked"' if stacked else ""
    return f"<table{kind}><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


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
    return table(head, rows, stacked=True)


def range_of(feature: dict[str, Any]) -> str:
    """Return the published range or values of a column in the training data, as text."""
    known = allowed(feature)
    if "minimum" in feature and not known:
        ends = [feature["minimum"], feature["maximum"]]
        if feature.get("days"):
            ends = [end.partition("T")[0] for end in ends]
        return span(*ends)
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

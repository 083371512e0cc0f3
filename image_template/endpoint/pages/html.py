"""What the pages share: escaping, the style, and headers that let nothing in from outside."""

import hashlib
import json
from base64 import b64encode
from html import escape
from typing import Any

from endpoint.event import Reply
from endpoint.known import allowed
from endpoint.table import span

STYLE = """
:root{color-scheme:light dark;--bg:#f7f8fa;--card:#fff;--ink:#1b2430;--soft:#586374;--line:#dde2ea;
--accent:#0b5fd0;--accent-ink:#fff;--good:#1b7f4b;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--bg:#11161d;--card:#1a212b;--ink:#e8edf4;--soft:#a0adbd;
--line:#2d3846;--accent:#7fb2ff;--accent-ink:#0b1420;--good:#62c993;--bad:#ff8f86}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:62rem;margin:0 auto;padding:1.5rem 1rem 4rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;margin-bottom:1rem}
h1{font-size:1.5rem;margin:0;overflow-wrap:anywhere}h2{font-size:1.1rem;margin:0 0 .75rem}
h3{font-size:1rem;margin:1rem 0 .25rem}
nav{margin-left:auto}nav a{margin-left:1rem}a{color:var(--accent)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1.1rem;
margin:0 0 1rem}
.soft{color:var(--soft)}.wide{overflow-x:auto}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);
vertical-align:top;overflow-wrap:break-word}
th{font-weight:600;color:var(--soft)}tr:last-child td{border-bottom:0}
code,pre,output{font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--bg);border:1px solid var(--line);border-radius:.5rem;padding:.75rem;
margin:.25rem 0;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
.fields{display:grid;grid-template-columns:repeat(auto-fill,minmax(14rem,1fr));gap:.75rem 1rem}
label{display:block;font-weight:600;overflow-wrap:anywhere}
.hint{display:block;font-size:.8125rem;font-weight:400;color:var(--soft)}
input,select,textarea{width:100%;margin-top:.25rem;padding:.5rem .6rem;font:inherit;color:inherit;
background:var(--bg);border:1px solid var(--soft);border-radius:.5rem}
button{margin-top:1rem;padding:.6rem 1.25rem;font:inherit;font-weight:600;border:0;
border-radius:.5rem;background:var(--accent);color:var(--accent-ink);cursor:pointer}
button:disabled{opacity:.6;cursor:default}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
#answer:empty{display:none}#answer{margin-top:1rem}
.verdict{font-size:1.25rem;font-weight:700;overflow-wrap:anywhere}.good{color:var(--good)}
.bad{color:var(--bad)}
.share{display:grid;grid-template-columns:minmax(6rem,14rem) 1fr 4.5rem;gap:.75rem;
align-items:center}
.share span{overflow-wrap:anywhere}meter{width:100%;height:1rem}
.verb{display:inline-block;min-width:3.5rem;font-weight:700;color:var(--accent)}
"""


def text(value: Any) -> str:
    """Return a value as HTML text. Bidirectional marks in it stay inside."""
    return f"<bdi>{escape(str(value))}</bdi>"


def attribute(value: Any) -> str:
    """Return a value for an attribute in double quotes."""
    return escape(str(value), quote=True)


def page(title: str, body: str, script: str = "") -> Reply:
    """Return a page whose browser runs this script alone, and loads nothing.

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
    return Reply(200, html, "text/html; charset=utf-8", headers=headers)


def header(title: str, links: dict[str, str]) -> str:
    """Return a page's head with links to the others that are served."""
    found = "".join(f'<a href="{attribute(to)}">{text(name)}</a>' for name, to in links.items())
    return f"<header><h1>{text(title)}</h1><nav>{found}</nav></header>"


def links_of(routes: tuple[str, ...], here: str) -> dict[str, str]:
    """Return the other pages that are served, relative to this one."""
    names = {"/": "Model", "/docs": "Documentation", "/openapi.json": "OpenAPI"}
    return {
        name: path.removeprefix("/") or "./"
        for path, name in names.items()
        if path != here and f"GET {path}" in routes
    }


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table; the cells are HTML already."""
    top = "".join(f'<th scope="col">{text(one)}</th>' for one in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return (
        f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def columns_table(features: list[dict[str, Any]]) -> str:
    """Return what a model's columns may hold."""
    head = ["column", "type", "in training", "may be missing"]
    rows = [
        [
            text(one["name"]),
            text(one["dtype"]),
            text(range_of(one)),
            "yes" if one.get("nullable") else "no",
        ]
        for one in features
    ]
    return table(head, rows)


def range_of(feature: dict[str, Any]) -> str:
    """Return what clients may read of what training saw of a column, in words."""
    known = allowed(feature)
    if "minimum" in feature and not known:
        return span(feature["minimum"], feature["maximum"])
    if known:
        more = f", … ({len(known)})" if len(known) > 8 else ""  # noqa: PLR2004 - what fits a line
        shown = ", ".join(map(written, known[:8]))
        return shown + more + (" (no other)" if feature.get("closed") else "")
    if feature.get("closed"):
        return "values of training, which aren't listed"
    return "text" if feature["dtype"] == "string" else ""


def written(value: Any) -> str:
    """Return a value as a form has it: a text as it is, others as JSON has them."""
    return value if isinstance(value, str) else json.dumps(value)


def _hash(content: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"

"""`/`: a web page with the model, its columns and a form for predictions."""

from typing import Any

from endpoint.event import Event
from endpoint.pages.access import auth_of, base_of
from endpoint.pages.api import Api, Function, api_of
from endpoint.pages.forms import example_of, form
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
from endpoint.pages.operations import operation_of
from endpoint.pages.snippets import Target, calls, clients, code, tabs
from endpoint.response import Response
from endpoint.service import Service

SCRIPT = asset("page.js", "form.js", "answer.js", "home.js")

_VISIT = (
    '<section class="card" id="visit" hidden><h2>This visit</h2><div id="history"></div>'
    '<p class="soft">The page forgets these rows when it is closed.</p></section>'
)


def home(service: Service, routes: tuple[str, ...], event: Event) -> Response:
    """Return the page of the function that the query names, or of the one that responds."""
    api = api_of(service, routes)
    shown = _chosen(api, event)
    facts = shown.facts or {}
    parts = [
        header(api.title, links_of(routes, "/")),
        "<main>",
        about(api.description, api.contact),
        _functions(api, shown),
        card("Try it", _form(shown, facts)),
        _VISIT,
        card("Call it", _calls(api, shown, event)),
        card("Model", _about(shown, facts) + _metrics(facts)),
        card("Columns", columns_table(facts["signature"]["features"])),
        "</main>",
    ]
    return page(api.title, "".join(parts), SCRIPT)


def _chosen(api: Api, event: Event) -> Function:
    query = event.get("queryStringParameters")
    name = query.get("function") if isinstance(query, dict) else None
    return next((one for one in api.functions if one.facts and one.name == name), api.own)


def _functions(api: Api, shown: Function) -> str:
    """Return links to the forms of the API's models."""
    models = [one for one in api.functions if one.facts]
    if len(models) == 1:
        return ""
    links = "".join(
        f'<a href="?function={attribute(one.name)}"'
        f"{' aria-current=page' if one is shown else ''}>{text(one.name)}</a>"
        for one in models
    )
    return f'<nav class="functions" aria-label="Functions">{links}</nav>'


def _about(shown: Function, facts: dict[str, Any]) -> str:
    signature = facts["signature"]
    rows = {"task": signature["task"]}
    if "class_names" in signature:
        rows["classes"] = ", ".join(signature["class_names"])
    if signature.get("outputs"):
        rows["outputs"] = ", ".join(output["name"] for output in signature["outputs"])
    rows["estimator"] = facts.get("model", {}).get("estimator")
    for name in ("release", "version", "sha256"):
        rows["SHA-256" if name == "sha256" else name] = shown.identity.get(name)
    versions = facts.get("versions", {})
    rows["versions"] = ", ".join(f"{name} {number}" for name, number in versions.items())
    lines = (
        f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in rows.items() if value
    )
    return f"<dl>{''.join(lines)}</dl>"


def _metrics(facts: dict[str, Any]) -> str:
    """Return a table of the metrics and the baseline's metrics."""
    metrics, evaluation = facts.get("metrics") or {}, facts.get("evaluation") or {}
    if not metrics:
        return ""
    baseline = evaluation.get("baseline") or {}
    compared = ["baseline"] if baseline else []
    rows = [
        [text(name), _number(value), *(_number(baseline.get(name)) for _ in compared)]
        for name, value in metrics.items()
        if value is not None
    ]
    head = ["metric", _measured_on(evaluation), *compared]
    return f"<h3>Metrics</h3>{table(head, rows)}"


def _measured_on(evaluation: dict[str, Any]) -> str:
    if "held_out" not in evaluation:
        return f"on {evaluation['rows']} example rows"
    if evaluation["held_out"]:
        return f"on {evaluation['held_out']} held-out rows"
    return "mean of the cross-validation"


def _number(value: Any) -> str:
    return "" if value is None else f'<span title="{value}">{text(f"{value:.4g}")}</span>'


def _is_asked(shown: Function) -> bool:
    """Return whether the page can send requests to a function's route."""
    method, path = operation_of(shown.routes[0])
    return method == "post" and "{" not in path


def _form(shown: Function, facts: dict[str, Any]) -> str:
    if not _is_asked(shown):
        return f'<p class="soft">This page can\'t send requests to {text(shown.routes[0])}.</p>'
    return form(facts, operation_of(shown.routes[0])[1])


def _calls(api: Api, shown: Function, event: Event) -> str:
    """Return the address, and code that sends the row of the form."""
    method, path = operation_of(shown.routes[0])
    base = base_of(event, "/").rstrip("/")
    verb = f'<span class="verb">{text(method.upper())}</span>'
    address = f"<p>{verb} requests go to</p>{code(text(base + path))}"
    if not _is_asked(shown):
        return address
    names = [feature["name"] for feature in (shown.facts or {})["signature"]["features"]]
    example = example_of(shown.facts or {})
    row = {name: example.get(name) for name in names}
    target = Target(base + path, auth_of(event), live=True)
    panels = calls(target, {"features": row})
    if "GET /openapi.json" in api.routes:
        panels.append(("Generated clients", clients(f"{base}/openapi.json", target.auth)))
    return f"{address}{tabs('Language', panels, 'call')}"

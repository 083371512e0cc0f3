"""`/`: a web page with the model, its columns and a form for predictions."""

import json
from typing import Any

from endpoint.dates import DateError, picked, zone_of
from endpoint.features import allowed, stored
from endpoint.pages.html import (
    asset,
    attribute,
    columns_table,
    header,
    links_of,
    page,
    range_of,
    table,
    text,
    written,
)
from endpoint.pages.openapi import operation_of
from endpoint.pages.schemas import MOST_LISTED
from endpoint.response import Response
from endpoint.service import Service

SCRIPT = asset("home.js")


def home(service: Service, routes: tuple[str, ...]) -> Response:
    """Return the page."""
    facts = service.model.facts
    title = facts["model"].get("estimator") or "Model"
    parts = (
        header(title, links_of(routes, "/")),
        _card("Try it", _form(service, routes[0])),
        _card("Model", _about(service) + _metrics(facts)),
        _card("Columns", columns_table(facts["signature"]["features"])),
        _card("Request", _request(service, routes[0])),
    )
    return page(title, "".join(parts), SCRIPT)


def _card(title: str, content: str) -> str:
    return f'<section class="card"><h2>{text(title)}</h2>{content}</section>'


def _about(service: Service) -> str:
    facts, signature = service.model.facts, service.model.facts["signature"]
    rows = {"task": signature["task"]}
    if "class_names" in signature:
        rows["classes"] = ", ".join(signature["class_names"])
    if signature.get("outputs"):
        rows["outputs"] = ", ".join(output["name"] for output in signature["outputs"])
    rows |= {
        "release": service.identity["release"],
        "version": service.identity["version"],
        "SHA-256": service.identity["sha256"],
        "trained with": ", ".join(f"{name} {number}" for name, number in facts["versions"].items()),
    }
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
    rows = [
        [text(name), _number(value), _number(baseline.get(name))] for name, value in metrics.items()
    ]
    head = ["metric", _measured_on(evaluation), "baseline"]
    return f"<h3>Metrics</h3>{table(head, rows)}"


def _measured_on(evaluation: dict[str, Any]) -> str:
    if "held_out" not in evaluation:
        return f"on {evaluation['rows']} example rows"
    if evaluation["held_out"]:
        return f"on {evaluation['held_out']} held-out rows"
    return "mean of the cross-validation"


def _number(value: Any) -> str:
    return "" if value is None else text(f"{value:.4g}")


def _form(service: Service, route: str) -> str:
    method, path = operation_of(route)
    if method != "post" or "{" in path:
        return f'<p class="soft">This page can\'t send requests to {text(route)}.</p>'
    features = service.model.facts["signature"]["features"]
    example = (service.model.facts.get("example") or {}).get("features", [])
    if not isinstance(example, dict):
        names = [feature["name"] for feature in features]
        values = [example] if isinstance(example, str) else example
        example = dict(zip(names, values, strict=False))
    fields = "".join(
        _field(number, feature, example.get(feature["name"]))
        for number, feature in enumerate(features)
    )
    return (
        f'<form id="ask" data-path="{attribute(path)}"><div class="fields">{fields}</div>'
        '<button type="submit">Predict</button></form>'
        '<div id="answer" role="status" aria-live="polite"></div>'
    )


def _field(number: int, feature: dict[str, Any], value: Any) -> str:
    """Return a field with its label. The endpoint checks the values, not the page."""
    name, dtype, nullable = feature["name"], feature["dtype"], feature.get("nullable")
    common = (
        f'id="f{number}" data-name="{attribute(name)}" data-dtype="{attribute(dtype)}"'
        f"{' data-nullable=1' if nullable else ''}"
    )
    hints = [
        range_of(feature) if dtype in {"number", "integer", "datetime"} else "",
        "given in UTC" if _is_picked(feature) and zone_of(stored(feature)) else "",
        "may be empty" if nullable else "",
    ]
    hint = ", ".join(filter(None, hints))
    return (
        f'<div><label for="f{number}">{text(name)}</label>{_control(feature, value, common)}'
        f"{f'<span class=hint>{text(hint)}</span>' if hint else ''}</div>"
    )


def _control(feature: dict[str, Any], value: Any, common: str) -> str:
    shown, empty = "" if value is None else written(value), bool(feature.get("nullable"))
    known = allowed(feature)
    few = 0 < len(known) <= MOST_LISTED
    match feature["dtype"]:
        case _ if few and feature.get("closed"):
            return _select(list(map(written, known)), shown, common, empty=empty)
        case "number" | "integer":
            return f'<input {common} inputmode="decimal" value="{attribute(shown)}">'
        case "boolean":
            return _select(["true", "false"], shown, common, empty=empty)
        case "datetime" if _is_picked(feature):
            return _picker(feature, value, common)
        case "string" if few:
            return _suggested(known, shown, common)
        case _:
            return f'<textarea rows="2" {common}>{_text_area(shown)}</textarea>'


def _is_picked(feature: dict[str, Any]) -> bool:
    """Return whether a column has a date-time picker: it holds times, but not from a list."""
    return feature["dtype"] == "datetime" and not feature.get("closed")


def _picker(feature: dict[str, Any], value: Any, common: str) -> str:
    """Return a date-time picker, in UTC if the column has a zone.

    A picker has no zones and at most milliseconds; without a step it has no seconds.
    Source: https://html.spec.whatwg.org/multipage/input.html#local-date-and-time-state-(type=datetime-local)
    """
    storage = stored(feature)
    try:
        shown = picked(value, storage)
    except DateError:
        shown = ""
    step = "0.001" if "." in shown else "1"
    zone = ' data-zone="Z"' if zone_of(storage) else ""
    return f'<input type="datetime-local" step="{step}" {common}{zone} value="{shown}">'


def _text_area(value: str) -> str:
    """Return a text for a textarea; HTML drops the first line break of its content."""
    return "\n" * value.startswith("\n") + attribute(value)


def _suggested(known: list[str], shown: str, common: str) -> str:
    """Return a text field that suggests the known categories."""
    name = common.split('"')[1] + "-known"
    options = "".join(f'<option value="{attribute(value)}">' for value in known)
    return (
        f'<input {common} list="{name}" value="{attribute(shown)}">'
        f'<datalist id="{name}">{options}</datalist>'
    )


def _select(options: list[str], chosen: str, common: str, *, empty: bool) -> str:
    values = [*([""] if empty else []), *options]
    tags = "".join(
        f'<option value="{attribute(value)}"{" selected" if value == chosen else ""}>'
        f"{attribute(value)}</option>"
        for value in values
    )
    return f"<select {common}>{tags}</select>"


def _request(service: Service, route: str) -> str:
    method, path = operation_of(route)
    example = service.model.facts.get("example")
    shown = f"<pre>{text(json.dumps(example))}</pre>" if example else ""
    return f"<p><span class=verb>{text(method.upper())}</span> <code>{text(path)}</code></p>{shown}"

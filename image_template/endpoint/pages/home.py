"""`/`: the model for people, with a form that asks it."""

import json
from typing import Any

from endpoint.dates import DateError, picked, zone_of
from endpoint.event import Reply
from endpoint.known import allowed, stored
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
from endpoint.predicting import Prediction

SCRIPT = asset("home.js")


def home(prediction: Prediction, routes: tuple[str, ...]) -> Reply:
    """Return the page."""
    facts = prediction.model.facts
    title = facts["model"].get("estimator") or "Model"
    parts = (
        header(title, links_of(routes, "/")),
        _card("Ask it", _form(prediction, routes[0])),
        _card("The model", _about(prediction) + _quality(facts)),
        _card("Columns", columns_table(facts["signature"]["features"])),
        _card("From a program", _program(prediction, routes[0])),
    )
    return page(title, "".join(parts), SCRIPT)


def _card(title: str, content: str) -> str:
    return f'<section class="card"><h2>{text(title)}</h2>{content}</section>'


def _about(prediction: Prediction) -> str:
    facts, signature = prediction.model.facts, prediction.model.facts["signature"]
    rows = {"task": signature["task"]}
    if "class_names" in signature:
        rows["classes"] = ", ".join(signature["class_names"])
    if signature.get("outputs"):
        rows["outputs"] = ", ".join(one["name"] for one in signature["outputs"])
    rows |= {
        "release": prediction.identity["release"],
        "version": prediction.identity["version"],
        "SHA-256": prediction.identity["sha256"],
        "made with": ", ".join(f"{name} {one}" for name, one in facts["versions"].items()),
    }
    lines = (f"<dt>{text(name)}</dt><dd>{text(one)}</dd>" for name, one in rows.items() if one)
    return f"<dl>{''.join(lines)}</dl>"


def _quality(facts: dict[str, Any]) -> str:
    """Return the metrics beside a guess that ignores the columns."""
    metrics, known = facts.get("metrics") or {}, facts.get("evaluation") or {}
    if not metrics:
        return ""
    baseline = known.get("baseline") or {}
    rows = [
        [text(name), _number(one), _number(baseline.get(name))] for name, one in metrics.items()
    ]
    head = ["metric", _measured_on(known), "a guess that ignores the columns"]
    return f"<h3>How good it is</h3>{table(head, rows)}"


def _measured_on(known: dict[str, Any]) -> str:
    if "held_out" not in known:
        return f"on {known['rows']} example rows"
    if known["held_out"]:
        return f"on {known['held_out']} held-out rows"
    return "the mean of the cross-validation"


def _number(value: Any) -> str:
    return "" if value is None else text(f"{value:.4g}")


def _form(prediction: Prediction, route: str) -> str:
    method, path = operation_of(route)
    if method != "post" or "{" in path:
        return f'<p class="soft">Predictions are at {text(route)}: a page can\'t send that.</p>'
    features = prediction.model.facts["signature"]["features"]
    example = (prediction.model.facts.get("example") or {}).get("features", [])
    if not isinstance(example, dict):
        names = [one["name"] for one in features]
        values = [example] if isinstance(example, str) else example
        example = dict(zip(names, values, strict=False))
    fields = "".join(
        _field(number, one, example.get(one["name"])) for number, one in enumerate(features)
    )
    return (
        f'<form id="ask" data-path="{attribute(path)}"><div class="fields">{fields}</div>'
        '<button type="submit">Predict</button></form>'
        '<div id="answer" role="status" aria-live="polite"></div>'
    )


def _field(number: int, feature: dict[str, Any], value: Any) -> str:
    """Return a labelled field; what it holds is checked by the endpoint, not by the page."""
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
    """Tell whether a column has a date-time picker: one of times, not of known times."""
    return feature["dtype"] == "datetime" and not feature.get("closed")


def _picker(feature: dict[str, Any], value: Any, common: str) -> str:
    """Return a picker of date and time, in UTC where the column has a zone.

    A picker knows neither zones nor more than milliseconds; without a step it has no seconds.
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
    """Return a text for a textarea, whose first line break HTML would drop."""
    return "\n" * value.startswith("\n") + attribute(value)


def _suggested(known: list[str], shown: str, common: str) -> str:
    """Return a field that knows the categories of training, and takes others."""
    name = common.split('"')[1] + "-known"
    options = "".join(f'<option value="{attribute(one)}">' for one in known)
    return (
        f'<input {common} list="{name}" value="{attribute(shown)}">'
        f'<datalist id="{name}">{options}</datalist>'
    )


def _select(options: list[str], chosen: str, common: str, *, empty: bool) -> str:
    every = [*([""] if empty else []), *options]
    found = "".join(
        f'<option value="{attribute(one)}"{" selected" if one == chosen else ""}>'
        f"{attribute(one)}</option>"
        for one in every
    )
    return f"<select {common}>{found}</select>"


def _program(prediction: Prediction, route: str) -> str:
    method, path = operation_of(route)
    example = prediction.model.facts.get("example")
    shown = f"<pre>{text(json.dumps(example))}</pre>" if example else ""
    return f"<p><span class=verb>{text(method.upper())}</span> <code>{text(path)}</code></p>{shown}"

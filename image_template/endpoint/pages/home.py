"""`/`: the model for people, with a form that asks it."""

import json
from typing import Any

from endpoint.event import Reply
from endpoint.pages.html import (
    attribute,
    columns_table,
    header,
    links_of,
    page,
    range_of,
    table,
    text,
)
from endpoint.pages.openapi import operation_of
from endpoint.predicting import Prediction

SCRIPT = """
"use strict";
const form = document.getElementById("ask"), answer = document.getElementById("answer");
const made = (tag, content, kind) => {
  const node = document.createElement(tag);
  if (kind) node.className = kind;
  if (content !== undefined) node.textContent = content;
  return node;
};
const value = (field) => {
  if (field.type === "checkbox") return field.checked;
  const typed = field.value;
  switch (field.dataset.dtype) {
    case "number": case "integer": return typed.trim() === "" ? null : Number(typed);
    case "boolean": return typed === "" ? null : typed === "true";
    default: return typed === "" && field.dataset.nullable ? null : typed;
  }
};
const ranked = (scores) => Object.entries(scores).sort((a, b) => b[1] - a[1]);
const shares = (scores) => ranked(scores).map(([name, share]) => {
  const line = made("div", undefined, "share"), meter = made("meter");
  meter.min = 0; meter.max = 1; meter.value = share;
  meter.setAttribute("aria-label", name);
  line.append(made("span", name), meter, made("span", (100 * share).toFixed(1) + " %"));
  return line;
});
const verdict = (one) => one.class_name ?? one.value ?? one.cluster ??
  (one.outlier === undefined ? undefined : one.outlier ? "an outlier" : "no outlier");
const told = (one) => {
  const parts = [], found = verdict(one);
  if (found !== undefined) parts.push(made("p", String(found), "verdict good"));
  if (one.probabilities) parts.push(...shares(one.probabilities));
  for (const [name, part] of Object.entries(one.outputs ?? {}))
    parts.push(made("h3", name), ...told(part));
  for (const [name, part] of Object.entries(one.values ?? {}))
    parts.push(made("p", name + ": " + part));
  return parts;
};
const show = (status, body) => {
  const parts = [];
  if (status === 200) {
    parts.push(...told(body.prediction));
    for (const one of body.warnings ?? [])
      parts.push(made("p", one.column + ": " + one.detail, "soft"));
  } else {
    parts.push(made("p", status + " " + (body.title ?? body.message ?? ""), "verdict bad"));
    parts.push(made("p", body.detail ?? ""));
  }
  const all = made("details");
  all.append(made("summary", "The answer's body"), made("pre", JSON.stringify(body, null, 2)));
  answer.replaceChildren(...parts, all);
};
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button"), row = {};
  for (const field of form.querySelectorAll("[data-dtype]")) row[field.dataset.name] = value(field);
  button.disabled = true;
  try {
    const root = location.pathname.replace(/\\/$/, "");
    const reply = await fetch(root + form.dataset.path, {
      method: "POST", headers: {"content-type": "application/json"},
      body: JSON.stringify({features: row}),
    });
    const body = await reply.text();
    let parsed;
    try { parsed = JSON.parse(body); } catch { parsed = {detail: body}; }
    show(reply.status, parsed);
  } catch (error) {
    answer.replaceChildren(made("p", "No answer: " + error.message, "verdict bad"));
  } finally {
    button.disabled = false;
  }
});
"""


def home(prediction: Prediction, routes: tuple[str, ...]) -> Reply:
    """Return the page."""
    facts = prediction.model.facts
    title = facts["model"].get("estimator") or "Model"
    parts = (
        header(title, links_of(routes, "/")),
        _card("Ask it", _form(prediction, routes[0])),
        _card("The model", _about(prediction) + _quality(facts)),
        _card("Columns", columns_table(prediction.model.features)),
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
    held_out = (
        f"{known['held_out']} held-out" if "held_out" in known else f"{known['rows']} example"
    )
    head = ["metric", f"on {held_out} rows", "a guess that ignores the columns"]
    return f"<h3>How good it is</h3>{table(head, rows)}"


def _number(value: Any) -> str:
    return "" if value is None else text(f"{value:.4g}")


def _form(prediction: Prediction, route: str) -> str:
    method, path = operation_of(route)
    if method != "post" or "{" in path:
        return f'<p class="soft">Predictions are at {text(route)}: a page can\'t send that.</p>'
    features = prediction.model.features
    example = (prediction.model.facts.get("example") or {}).get("features", [])
    if not isinstance(example, dict):
        names = [one["name"] for one in features]
        example = dict(zip(names, example if isinstance(example, list) else [], strict=False))
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
    hint = range_of(feature) if dtype in {"number", "integer"} else ""
    hint += (", " if hint else "") + "may be empty" if nullable else ""
    return (
        f'<div><label for="f{number}">{text(name)}</label>{_control(feature, value, common)}'
        f"{f'<span class=hint>{text(hint)}</span>' if hint else ''}</div>"
    )


def _control(feature: dict[str, Any], value: Any, common: str) -> str:
    shown = "" if value is None else json.dumps(value) if isinstance(value, bool) else str(value)
    match feature["dtype"]:
        case "number" | "integer":
            return f'<input {common} inputmode="decimal" value="{attribute(shown)}">'
        case "boolean":
            return _select(["true", "false"], shown, common, empty=bool(feature.get("nullable")))
        case "string" if feature.get("closed"):
            known = feature["categories"]
            return _select(known, shown, common, empty=bool(feature.get("nullable")))
        case "string" if feature.get("categories"):
            return _suggested(feature["categories"], shown, common)
        case _:
            return f'<textarea rows="2" {common}>{_text_area(shown)}</textarea>'


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
    example = json.dumps(prediction.model.facts.get("example"))
    return (
        f"<p><span class=verb>{text(method.upper())}</span> <code>{text(path)}</code></p>"
        f"<pre>{text(example)}</pre>"
    )

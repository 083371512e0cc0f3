"""The form: a control for each column, by its type and its known values, and a field for a CSV."""

from typing import Any

from endpoint.dates import DateError, picked, zone_of
from endpoint.features import allowed, stored
from endpoint.pages.html import attribute, range_of, text, written
from endpoint.pages.schemas import MOST_LISTED
from endpoint.pages.snippets import tabs


def form(facts: dict[str, Any], path: str) -> str:
    """Return the forms for one row and for several, and the places of the answers.

    Args:
        facts: of the model.
        path: of the route of predictions.
    """
    features, example = facts["signature"]["features"], example_of(facts)
    fields = "".join(
        _field(number, feature, example.get(feature["name"]))
        for number, feature in enumerate(features)
    )
    one = (
        f'<form id="ask"><div class="fields">{fields}</div><div class="actions">'
        '<button type="submit">Predict</button>'
        '<button type="button" class="second" id="sample" hidden>Sample values</button>'
        '<button type="button" class="second" id="reset" hidden>Example</button></div></form>'
        f'<div id="answer" role="status"{_interval(facts)}></div>'
    )
    several = (
        '<form id="ask-rows"><label for="csv">Rows as CSV, the first line with the names'
        '<span class="hint">copied from a file; tabs of a spreadsheet are read, too</span></label>'
        '<textarea id="csv" rows="6" spellcheck="false"></textarea><div class="actions">'
        '<button type="submit">Predict</button>'
        '<button type="button" class="second" id="sample-rows">Sample rows</button></div></form>'
        '<div id="answers" role="status"></div>'
    )
    return (
        f'<div id="try" data-path="{attribute(path)}">'
        f"{tabs('Rows', [('One row', one), ('Several rows', several)], 'rows')}</div>"
        '<p class="soft" id="no-script">The form needs JavaScript.</p>'
    )


def example_of(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the example row by the columns' names; empty if the model has none."""
    found = (facts.get("example") or {}).get("features", [])
    if isinstance(found, dict):
        return found
    names = [feature["name"] for feature in facts["signature"]["features"]]
    return dict(zip(names, [found] if isinstance(found, str) else found, strict=False))


def _interval(facts: dict[str, Any]) -> str:
    """Return the attributes with how far the held-out rows' values were from the predictions."""
    found = (facts.get("evaluation") or {}).get("absolute_errors") or {}
    return f' data-half="{found["50"]}" data-most="{found["90"]}"' if found else ""


def _field(number: int, feature: dict[str, Any], value: Any) -> str:
    """Return a field with its label. The endpoint checks the values, not the page."""
    name, dtype, nullable = feature["name"], feature["dtype"], feature.get("nullable")
    common = (
        f'id="f{number}" data-name="{attribute(name)}" data-dtype="{attribute(dtype)}"'
        f"{' data-nullable=1' if nullable else ''}{_ends(feature)}"
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


def _ends(feature: dict[str, Any]) -> str:
    """Return the attributes with the published range, from which the script draws samples."""
    if "minimum" not in feature:
        return ""
    ends = [feature["minimum"], feature["maximum"]]
    if feature["dtype"] == "datetime":
        try:
            ends = [_shown(feature, end) for end in ends]
        except DateError:
            return ""
    return f' data-min="{attribute(ends[0])}" data-max="{attribute(ends[1])}"'


def _is_picked(feature: dict[str, Any]) -> bool:
    """Return whether a column has a date-time picker: it holds times, but not from a list."""
    return feature["dtype"] == "datetime" and not feature.get("closed")


def _picker(feature: dict[str, Any], value: Any, common: str) -> str:
    """Return a picker of days or of times, in UTC if the column has a zone.

    A picker has no zones and at most milliseconds; without a step it has no seconds.
    Source: https://html.spec.whatwg.org/multipage/input.html#local-date-and-time-state-(type=datetime-local)
    """
    try:
        shown = _shown(feature, value)
    except DateError:
        shown = ""
    if _has_days(feature):
        return f'<input type="date" {common} value="{shown}">'
    step = "0.001" if "." in shown else "1"
    zone = ' data-zone="Z"' if zone_of(stored(feature)) else ""
    return f'<input type="datetime-local" step="{step}" {common}{zone} value="{shown}">'


def _has_days(feature: dict[str, Any]) -> bool:
    """Return whether training had days without a time; a request may then leave out the time."""
    return bool(feature.get("days"))


def _shown(feature: dict[str, Any], value: Any) -> str:
    """Return a time as the column's picker writes it.

    Raises:
        DateError: if the value isn't a time of the column.
    """
    found = picked(value, stored(feature))
    return found.partition("T")[0] if _has_days(feature) else found


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

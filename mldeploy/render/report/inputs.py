"""The columns: which ones the model uses, what they do, what they contain, and what is valid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mldeploy.render.report.charts import Charts, color, lines
from mldeploy.render.report.html import bars, figures, note, number, percent, section, table, text
from mldeploy.render.report.metrics import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mldeploy.render.report.shown import Shown

_MOST_IMPORTANCES = 20
_MOST_COLUMNS = 100
_MOST_VALUES = 8


def importance_section(shown: Shown) -> str:
    """Return how much the metric falls if a column is shuffled."""
    found = shown.report.get("importance") or {}
    columns = found.get("columns") or []
    if not columns:
        told = found.get("note")
        return section("Importance of the columns", note(f"{told.capitalize()}.")) if told else ""
    metric = NAMES[found["metric"]]
    most = max((one["mean"] or 0 for one in columns), default=0) or 1
    rows = [
        (text(one["name"]), _meter((one["mean"] or 0) / most),
         f"{number(one['mean'])} ± {number(one['std'])}")
        for one in columns[:_MOST_IMPORTANCES]
    ]  # fmt: skip
    rest = len(columns) - _MOST_IMPORTANCES
    sources = {"held_out": "held-out rows", "fold": "rows of the first fold"}
    words = (
        f"Permutation importance: {metric} falls by this much if the column's values are shuffled, "
        f"in {found['repeats']} trials on {found['rows']} {sources[found['source']]}, which the "
        "model wasn't fitted on. Columns that contain the same information share it: each may look "
        "unimportant."
    )
    more = note(f"{rest} more columns are weaker.") if rest > 0 else ""
    return section("Importance of the columns", table(["column", "", f"{metric} falls by"], rows),
                   more, note(words))  # fmt: skip


def _meter(share: float) -> str:
    width = max(0.0, min(1.0, share)) * 100
    return f'<span class="meter"><i style="width:{width:.0f}%"></i></span>'


def dependence_section(shown: Shown, charts: Charts) -> str:
    """Return the mean prediction by the values of the strongest columns."""
    found = shown.report.get("dependence") or []
    if not found:
        return ""
    names = shown.served_classes()
    drawn = figures(*(_dependence(one, names, charts) for one in found))
    words = (
        "Partial dependence: the model's mean prediction if the column had this value in "
        "all of a sample's rows (at most 200). It doesn't show causes, and combinations of values "
        "that don't occur are included."
    )
    listed = "" if drawn else "".join(_as_table(one, names) for one in found)
    return section("What the strongest columns do", drawn, listed, note(words))


def _label(line: Mapping[str, Any], names: list[str]) -> str:
    return f"probability of {names[line['class']]}" if "class" in line else "prediction"


def _dependence(one: Mapping[str, Any], names: list[str], charts: Charts) -> str:
    name, several = str(one["name"]), len(one["lines"]) > 1
    up = "probability" if several else _label(one["lines"][0], names)[:40]
    if one["kind"] == "numbers":
        series = [
            (names[line["class"]][:24] if several else "", one["x"], line["y"])
            for line in one["lines"]
        ]
        return charts.draw(f"Partial dependence of {name}", lines(series, name[:48], up))
    return charts.draw(f"Partial dependence of {name}", _grouped(one, names, up))


def _grouped(one: Mapping[str, Any], names: list[str], up: str) -> Any:
    def work(axes: Any) -> None:
        count = len(one["lines"])
        for number_, line in enumerate(one["lines"]):
            places = [place + (number_ - (count - 1) / 2) * 0.8 / count for place in
                      range(len(one["x"]))]  # fmt: skip
            label = names[line["class"]][:24] if count > 1 else ""
            axes.bar(places, line["y"], 0.72 / count, color=color(number_), label=label)
        crowded = sum(len(str(value)) for value in one["x"]) > 40  # noqa: PLR2004 - what fits
        turned = {"rotation": 30, "ha": "right"} if crowded else {}
        axes.set_xticks(range(len(one["x"])), [str(value)[:16] for value in one["x"]], **turned)
        axes.grid(visible=False, axis="x")
        axes.set_xlabel(str(one["name"])[:48])
        axes.set_ylabel(up)
        if count > 1:
            axes.legend(loc="best")

    return work


def _as_table(one: Mapping[str, Any], names: list[str]) -> str:
    head = [str(one["name"]), *(_label(line, names) for line in one["lines"])]
    every = 1 if one["kind"] == "values" else 4
    rows = [
        (text(number(x) if one["kind"] == "numbers" else x), *(number(line["y"][place]) for line
         in one["lines"]))
        for place, x in list(enumerate(one["x"]))[::every]
    ]  # fmt: skip
    return f"<h3>{text(one['name'])}</h3>{table(head, rows)}"


def columns_section(shown: Shown) -> str:
    """Return the contract of the inputs, with a profile of the training data."""
    features = shown.facts["signature"].get("features") or []
    profile = {one["name"]: one for one in shown.report.get("profile") or []}
    rows = [
        (
            text(one["name"]),
            text(one["dtype"]),
            _valid(one),
            "allowed" if one.get("nullable") else "no",
            *((_missing(known), _profile(known)) if profile else ()),
        )
        for one in features[:_MOST_COLUMNS]
        for known in [profile.get(str(one["name"]), {})]
    ]
    head = ["column", "type", "values", "missing"]
    head += ["missing in the data", "distribution"] if profile else []
    rest = len(features) - _MOST_COLUMNS
    more = note(f"{rest} more columns aren't shown.") if rest > 0 else ""
    words = (
        "What a request may contain. Ranges are rounded outward, values are listed only if clients "
        "may read them, and counts are rounded down to fives: the page contains no row of data."
    )
    return section("Columns", table(head, rows, "texts"), more, note(words)) if rows else ""


def _valid(feature: Mapping[str, Any]) -> str:
    """Return the values of a column, as clients may read them."""
    values = feature.get("categories") or []
    if values:
        shown = ", ".join(str(one) for one in values[:_MOST_VALUES])
        rest = "" if len(values) <= _MOST_VALUES else f" and {len(values) - _MOST_VALUES} more"
        return text(f"{'only ' if feature.get('closed') else ''}{shown}{rest}")
    if feature.get("closed"):
        return "values in the training data (not listed)"
    if feature.get("minimum") is not None:
        return text(f"{_end(feature['minimum'])} to {_end(feature['maximum'])}")
    return "true, false" if feature["dtype"] == "boolean" else "any"


def _end(value: Any) -> str:
    return f"{value:,.6g}" if isinstance(value, int | float) else str(value)


def _missing(known: Mapping[str, Any]) -> str:
    share = known.get("missing")
    return "-" if share is None else percent(share)


def _profile(known: Mapping[str, Any]) -> str:
    if known.get("counts"):
        return bars(known["counts"], f"distribution of {known['name']}")
    if known.get("values"):
        most = sorted(known["values"].items(), key=lambda one: -one[1])[:_MOST_VALUES]
        return text(", ".join(f"{value}: {count:,}" for value, count in most))
    return ""

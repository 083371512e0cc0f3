"""The metrics, beside their spread over folds and the baseline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mldeploy.model.measures.metrics import METRICS, is_better, is_error
from mldeploy.render.report.html import note, number, section, table, text

if TYPE_CHECKING:
    from mldeploy.render.report.shown import Shown

NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "f1_macro": "F1, mean of the classes",
    "roc_auc": "area under ROC",
    "log_loss": "log loss",
    "brier": "Brier score",
    "r2": "R²",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "mape": "mean absolute percentage error",
}


def metrics_section(shown: Shown) -> str:
    """Return the most important metrics, large, and a table of all."""
    metrics = shown.facts["metrics"]
    if not metrics:
        return section("Metrics", note(f"{_unmeasured(shown)}"))
    return section("Metrics", _tiles(shown), _table(shown), note(measured_on(shown)))


def _unmeasured(shown: Shown) -> str:
    task = shown.facts["signature"]["task"]
    return f"None were measured: the task is {task}, or no rows were held out."


def ordered(metrics: Any) -> list[str]:
    """Return the names of metrics in display order."""
    known = [name for names in METRICS.values() for name in names]
    return sorted(metrics, key=lambda name: known.index(name) if name in known else len(known))


def _tiles(shown: Shown) -> str:
    metrics, baseline = shown.facts["metrics"], shown.evaluation.get("baseline") or {}
    tiles = []
    for name in [one for one in ordered(metrics) if metrics[one] is not None][:4]:
        base = baseline.get(name)
        beside = "" if base is None else f"; baseline {number(base)}"
        words = f"{NAMES.get(name, name)}{beside}"
        tiles.append(
            f'<div class="tile"><b>{number(metrics[name])}</b><span>{text(words)}</span></div>'
        )
    return f'<div class="tiles">{"".join(tiles)}</div><h3>All metrics</h3>'


def _table(shown: Shown) -> str:
    metrics, known = shown.facts["metrics"], shown.evaluation
    across, baseline = known.get("cross_validation") or {}, known.get("baseline") or {}
    folds = shown.report.get("folds") or {}
    head = ["metric", _first_column(shown)]
    count = max((one["folds"] for one in across.values()), default=0)
    head += [f"mean of {count} folds", "lowest to highest fold"] if count else []
    head += ["baseline", "better than baseline"] if baseline else []
    rows = []
    for name in ordered(metrics):
        better = "lower is better" if is_error(name) else "higher is better"
        cells = [f'<span title="{better}">{text(NAMES.get(name, name))}</span>']
        cells.append(number(metrics[name]))
        if count:
            cells += [_spread(across.get(name)), _range(folds.get(name))]
        if baseline:
            cells += [number(baseline.get(name)), _verdict(name, metrics[name], baseline.get(name))]
        rows.append(cells)
    return table(head, rows)


def _first_column(shown: Shown) -> str:
    known = shown.evaluation
    if known.get("source") == "example":
        return f"{known.get('rows')} example rows"
    held = known.get("held_out")
    return f"{held} held-out rows" if held else "value"


def _spread(one: Any) -> str:
    if not one or one.get("mean") is None:
        return "-"
    return f"{number(one['mean'])} ± {number(one['std'])}"


def _range(values: Any) -> str:
    return f"{number(min(values))} to {number(max(values))}" if values else "-"


def _verdict(name: str, value: Any, base: Any) -> str:
    if value is None or base is None:
        return "-"
    good = is_better(name, value, base)
    return f'<span class="{"good" if good else "bad"}">{"yes" if good else "no"}</span>'


def measured_on(shown: Shown) -> str:
    """Return which rows the metrics were measured on, and what the baseline is."""
    known = shown.evaluation
    if known.get("source") == "example":
        return (
            "The model was fitted elsewhere, so these rows may be among those that it was fitted "
            "on: the metrics may be too good."
        )
    rows, held, fits = known.get("rows"), known.get("held_out"), known.get("fits")
    sentences = []
    if held:
        refit = known.get("refit") == "all"
        then = "; the model that is served was then fitted on all rows" if refit else ""
        sentences.append(f"The {held} held-out rows of {rows} weren't used to fit{then}.")
    if known.get("refit") == "given":
        sentences.append("The model was fitted before it was saved; the folds fit copies of it.")
    if known.get("cross_validation"):
        sentences.append("Each fold was measured on rows that its model wasn't fitted on.")
    if known.get("baseline"):
        sentences.append("The baseline ignores the columns: the most frequent class, or the mean.")
    if fits:
        sentences.append(f"{fits} fits were made.")
    return " ".join(sentences)

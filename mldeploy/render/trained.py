"""Text of new bundles: their models' metrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mldeploy.model.forms import served
from mldeploy.model.measures.metrics import METRICS
from mldeploy.model.report.data import read_report
from mldeploy.render.contract import contract_rows
from mldeploy.render.report.shown import Shown
from mldeploy.render.words import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mldeploy.model.bundle import Bundle
    from mldeploy.model.trained import TrainedModels
    from mldeploy.render.report.writing import Reported
    from mldeploy.render.words import Rows

_ROOM = 59
"""Characters left by the longest label, in 80 columns."""
_NAMES = {2: 10, 3: 10, 4: 10, 5: 7}
"""By the number of classes, the length of names with which a confusion matrix fits 80 columns."""


def trained_words(bundle: Bundle, written: Reported | None = None) -> Words:
    """Return a model's metrics, its confusion matrix, its input, and the report's path."""
    tables = [bundle_rows(bundle), confusion_rows(bundle), contract_rows(bundle)]
    return Words(notes=(*(tuple(one) for one in tables if one), *_files(written)))


def _files(written: Reported | None) -> tuple[Rows, ...]:
    """Return where the report and the model card are."""
    if written is None:
        return ()
    return ((("report", _here(written.report)), ("model card", _here(written.card))),)


def _here(path: str) -> str:
    """Return a path below the current folder relative to it."""
    found = Path(path)
    return str(found.relative_to(Path.cwd())) if found.is_relative_to(Path.cwd()) else path


def confusion_rows(bundle: Bundle) -> list[tuple[str, str]]:
    """Return the confusion matrix of the rows that the first column of metrics is of."""
    report = read_report(bundle.path)
    found = (report.get("classification") or {}).get("confusion") or []
    if not found or len(found[0]["counts"]) not in _NAMES:
        return []
    longest = _NAMES[len(found[0]["counts"])]
    names = [_cut(name, longest) for name in Shown("", "", bundle.facts, report).class_names()]
    counts = [[f"{one}" for one in row] for row in found[0]["counts"]]
    widths = [max(map(len, column)) for column in zip(names, *counts, strict=True)]
    held = found[0]["source"] == "held_out"
    head = f"{found[0]['rows']} held out" if held else f"{found[0]['rows']} in folds"

    def line(cells: list[str]) -> str:
        return "  ".join(one.rjust(width) for one, width in zip(cells, widths, strict=True))

    rows = [(f"true {name}", line(row)) for name, row in zip(names, counts, strict=True)]
    return [(head, f"{line(names)}  predicted"), *rows]


def _cut(name: str, longest: int) -> str:
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def bundles_words(found: TrainedModels) -> Words:
    """Return the folders of new bundles, whose models were shown one by one."""
    return Words("\n".join(one.bundle for one in found.bundles))


def imported_words(bundle: Bundle, written: Reported | None = None) -> Words:
    """Return an imported model's metrics and its input, and its bundle's folder."""
    tables = [bundle_rows(bundle), contract_rows(bundle)]
    return Words(str(bundle.path), (*(tuple(one) for one in tables if one), *_files(written)))


def bundle_rows(bundle: Bundle) -> list[tuple[str, str]]:
    """Return labels and values of a new model."""
    facts = bundle.facts
    known = facts["evaluation"]
    rows = [("model", _short(facts["model"]["estimator"])), ("digest", bundle.digest[:12])]
    if "fits" in known:
        rows.append(("fitted on", _fitted_on(known)))
    rows.append(("served as", _served_as(facts)))
    chosen = known.get("search", {}).get("best_params", {})
    lines = [_short(f"{name} = {value}") for name, value in chosen.items()]
    rows += [("chosen" if not number else "", line) for number, line in enumerate(lines)]
    return [*rows, *_metric_rows(facts["metrics"], known)]


def _served_as(facts: Mapping[str, Any]) -> str:
    """Return the form of the model that the endpoint loads."""
    framework = str(served(facts)["framework"])
    return _FORMS.get(framework, framework)


_FORMS = {
    "compiled": "compiled to NumPy, without scikit-learn",
    "sklearn": "the fitted estimator",
    "onnx": "the ONNX graph",
}


def _fitted_on(known: Mapping[str, Any]) -> str:
    """Return "120 of 150 rows, 30 are held out; 6 fits"."""
    rows, held_out, fits = known["rows"], known["held_out"], known["fits"]
    times = "1 fit was made" if fits == 1 else f"{fits} fits were made"
    if known["refit"] == "given":
        return f"rows of your choice, before it was saved; {times} of copies to measure it"
    if known["refit"] == "all":
        where = f"all {rows} rows"
        measured = f", measured without {held_out} of them" if held_out else ""
        return f"{where}{measured}; {times}"
    return f"{rows - held_out} of {rows} rows, and {held_out} are held out; {times}"


def _short(text: str) -> str:
    return text if len(text) <= _ROOM else f"{text[: _ROOM - 1]}…"


def _metric_rows(
    metrics: Mapping[str, float | None], known: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """Return a table of metrics: held-out, cross-validated, and of the baseline."""
    if not metrics:
        return []
    across, baseline = known["cross_validation"], known["baseline"]
    held_out = known.get("held_out", known["rows"])
    kind = "held out" if "held_out" in known else "examples"
    folds = max((one["folds"] for one in across.values()), default=0)
    columns = [
        (
            f"{held_out} {kind}" if held_out else "",
            {name: _number(one) for name, one in metrics.items()},
        ),
        (f"{folds} folds" if folds else "", {name: _spread(one) for name, one in across.items()}),
        ("baseline" if baseline else "", {name: _number(one) for name, one in baseline.items()}),
    ]
    shown = [(head, cells) for head, cells in columns if head]
    widths = [max(map(len, (head, *cells.values()))) for head, cells in shown]

    def line(cells: list[str]) -> str:
        return "  ".join(
            one.ljust(width) for one, width in zip(cells, widths, strict=True)
        ).rstrip()

    return [
        ("metric", line([head for head, _ in shown])),
        *(
            (name, line([cells.get(name, "-") for _, cells in shown]))
            for name in _in_order(metrics)
        ),
    ]


def _in_order(metrics: Mapping[str, Any]) -> list[str]:
    known = [name for names in METRICS.values() for name in names]
    return sorted(metrics, key=lambda name: known.index(name) if name in known else len(known))


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.4f}" if abs(value) < 1e6 else f"{value:.4g}"  # noqa: PLR2004 - wider than a column


def _spread(one: Mapping[str, Any]) -> str:
    return "-" if one["mean"] is None else f"{_number(one['mean'])} ± {_number(one['std'])}"

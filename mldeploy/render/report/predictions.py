"""How the model's predictions compare with the truth, for rows that it wasn't fitted on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mldeploy.render.report.charts import INK, Charts, color, lines
from mldeploy.render.report.html import beside, figures, note, number, percent, section, table, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mldeploy.render.report.shown import Shown

_TWO = 2


def predictions_section(shown: Shown, charts: Charts) -> str:
    """Return what the task's predictions look like."""
    found = shown.report.get("classification")
    if found:
        return _classes(shown, found, charts)
    found = shown.report.get("regression")
    return _numbers(found, charts) if found else ""


def _classes(shown: Shown, found: Mapping[str, Any], charts: Charts) -> str:
    names = shown.class_names()
    basis = note(
        f"From {number(shown.report['unseen'])} rows, each predicted by a model that wasn't fitted "
        "on it: the held-out rows and those of the folds."
    )
    curves = found.get("curves") or []
    confusion = section(
        "Confusion matrix", beside(*(_matrix(one, names) for one in found["confusion"]))
    )
    drawn = figures(
        charts.draw("ROC curves", lines(_series(curves, "roc", names), "false positive rate",
                    "true positive rate", diagonal=True), 3.2),
        charts.draw("Precision and recall", lines(_series(curves, "pr", names), "recall",
                    "precision"), 3.2),
    )  # fmt: skip
    areas = table(
        ["class", "share of rows", "area under ROC", "average precision"],
        [
            (text(names[one["class"]]), percent(one["share"]), number(one["roc_auc"]),
             number(one["average_precision"]))
            for one in curves
        ],
    )  # fmt: skip
    return (
        confusion
        + (section("ROC and precision-recall curves", drawn, areas, basis) if curves else "")
        + _calibration(found.get("calibration") or [], names, charts)
        + _thresholds(found.get("thresholds") or [], names, charts)
    )


def _matrix(one: Mapping[str, Any], names: list[str]) -> str:
    """Return a matrix whose cells are colored by their share of the true class."""
    rows = []
    for true, counts in enumerate(one["counts"]):
        total = sum(counts)
        cells = [text(names[true])]
        cells += [_cell(count, count / total if total else 0) for count in counts]
        recall = counts[true] / total if total else None
        rows.append((*cells, f"<td>{percent(recall)}</td>"))
    sources = {
        "held_out": f"{one['rows']} held-out rows",
        "unseen": f"{one['rows']} rows, each predicted by a model that wasn't fitted on it",
    }
    right = sum(counts[true] for true, counts in enumerate(one["counts"]))
    title = f"{sources[one['source']]}: {percent(right / one['rows'])} are right"
    head = ["true ↓ predicted →", *names, "recall"]
    return f"<h3>{text(title)}</h3>{table(head, rows, 'matrix', str)}"


def _cell(count: int, share: float) -> str:
    style = f"background:rgb(var(--heat) / {share * 0.55:.2f})"
    return f'<td style="{style}">{count:,}</td>'


def _series(curves: list[Any], key: str, names: list[str]) -> list[tuple[str, Any, Any]]:
    areas = {"roc": ("roc_auc", "area"), "pr": ("average_precision", "average")}
    field, word = areas[key]
    return [
        (f"{names[one['class']][:24]} ({word} {number(one[field], 3)})", *one[key])
        for one in curves
    ]


def _calibration(found: list[Any], names: list[str], charts: Charts) -> str:
    if not found:
        return ""
    series = [
        (
            names[one["class"]][:24],
            [part["predicted"] for part in one["bins"]],
            [part["observed"] for part in one["bins"]],
        )
        for one in found
    ]
    drawn = figures(
        charts.draw(
            "Calibration",
            lines(
                series, "predicted probability", "share that occurred", diagonal=True, marker="o"
            ),
            3.2,
        )
    )
    rows = [
        (text(names[one["class"]]), percent(part["predicted"]), percent(part["observed"]),
         number(part["rows"]))
        for one in found
        for part in one["bins"]
    ]  # fmt: skip
    head = ["class", "predicted probability", "occurred in", "rows"]
    listed = table(head, rows)
    words = note("Rows are grouped by their predicted probability. On the dashed line, of the rows "
                 "with a probability of 70%, 70% are of the class.")  # fmt: skip
    return section("Calibration", beside(drawn, listed if len(found) == 1 or not drawn else ""),
                   words)  # fmt: skip


def _thresholds(found: list[Any], names: list[str], charts: Charts) -> str:
    if not found:
        return ""
    across = [one["threshold"] for one in found]
    kinds = (("precision", "precision"), ("recall", "recall"), ("f1", "F1"))
    series = [
        (
            label,
            [x for x, one in zip(across, found, strict=True) if one[key] is not None],
            [one[key] for one in found if one[key] is not None],
        )
        for key, label in kinds
    ]
    drawn = figures(charts.draw("Thresholds", lines(series, "threshold", ""), 3.0))
    rows = [
        (number(one["threshold"], 2), percent(one["chosen"]), percent(one["precision"]),
         percent(one["recall"]), number(one["f1"]))
        for one in found[1::2]
    ]  # fmt: skip
    head = ["threshold", "rows above it", "precision", "recall", "F1"]
    words = note(f"If a row counts as “{names[1]}” from this probability on. The endpoint's is "
                 "the estimator's own, usually the one with the highest probability.")  # fmt: skip
    return section("Thresholds", beside(drawn, table(head, rows)), words)


def _numbers(found: Mapping[str, Any], charts: Charts) -> str:
    groups, residuals = found["groups"], found["residuals"]
    drawn = figures(
        charts.draw("Actual by predicted value", _by_prediction(groups), 3.2),
        charts.draw("Errors", _errors(residuals), 3.2) if residuals else "",
    )
    listed = table(
        ["mean prediction", "mean actual value", "middle 80% of actual values", "rows"],
        [
            (number(one["predicted"]), number(one["actual"]),
             f"{number(one['low'])} to {number(one['high'])}", number(one["rows"]))
            for one in groups
        ],
    )  # fmt: skip
    intervals = table(
        ["share of rows", "the actual value is within"],
        [(f"{one['level']:.0%}", f"± {number(one['within'])}") for one in found["intervals"]],
    )
    basis = note(
        f"From {number(found['rows'])} rows, each predicted by a model that wasn't fitted on it. "
        "Rows are shown in groups, never one by one; counts are rounded down to fives."
    )
    about = note("A split conformal interval: new rows like these are within it about as often. "
                 "Its width is the same for all predictions.")  # fmt: skip
    return section("Predicted and actual values", drawn, listed, basis) + section(
        "Prediction intervals", intervals, about
    )


def _by_prediction(groups: list[Any]) -> Any:
    def work(axes: Any) -> None:
        across = [one["predicted"] for one in groups]
        ends = [min(across), max(across)]
        axes.plot(ends, ends, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        low, high = [one["low"] for one in groups], [one["high"] for one in groups]
        axes.fill_between(across, low, high, color=color(0), alpha=0.18, linewidth=0)
        actual = [one["actual"] for one in groups]
        axes.plot(across, actual, color=color(0), linewidth=1.6, marker="o", markersize=4)
        axes.set_xlabel("predicted")
        axes.set_ylabel("actual: mean, middle 80%")

    return work


def _errors(residuals: Mapping[str, Any]) -> Any:
    def work(axes: Any) -> None:
        edges = residuals["edges"]
        width = (edges[-1] - edges[0]) / len(residuals["counts"])
        axes.bar(edges[:-1], residuals["counts"], width * 0.92, align="edge", color=color(0))
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_xlabel("actual minus predicted")
        axes.set_ylabel("rows")

    return work

"""The report's data of a fitted model: report.json of a bundle."""

from collections.abc import Callable
from typing import Any

from mldeploy.config.training import Publish
from mldeploy.model.data.publishing import columns_of, counts_of, published
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.measures.evaluation import Evaluated
from mldeploy.model.measures.measuring import reason_of
from mldeploy.model.measures.metrics import METRICS
from mldeploy.model.proof.outputs import chosen
from mldeploy.model.report import dependence, importance
from mldeploy.model.report.asked import Asked, sampled
from mldeploy.model.report.classes import of_classes
from mldeploy.model.report.data import FORMAT
from mldeploy.model.report.drawing import drawing_of
from mldeploy.model.report.libraries import libraries_of
from mldeploy.model.report.numbers import of_numbers
from mldeploy.model.report.profile import profile_of
from mldeploy.model.report.rounding import shorts
from mldeploy.model.tasks import task_of

Data = dict[str, Any]


def report_of(
    found: Evaluated,
    data: TrainingData,
    features: list[dict[str, Any]],
    preprocess: Callable[[Any], Any] | None,
    publish: Publish,
) -> Data:
    """Return what a report shows; a part that fails is replaced by a note.

    Args:
        found: the evaluation.
        data: in the form of requests.
        features: the data's columns.
        preprocess: the user's hook, or None.
        publish: [publish] categories.
    """
    evidence, task = found.evidence, task_of(found.estimator)
    columns = columns_of(data.x)
    counts = counts_of(columns, features)
    shown = published(features, counts, publish).features
    notes: list[str] = []

    def part(name: str, work: Callable[[], Any], instead: Any) -> Any:
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - a report never stops a model that fits
            notes.append(f"{name}: {reason_of(error)}")
            return instead

    strongest = part("importance", lambda: _importance(found, data, shown, preprocess, task), {})
    return {
        "format": FORMAT,
        "folds": {name: shorts(values, 6) for name, values in evidence.folds.items()},
        "unseen": 0 if evidence.unseen is None else len(evidence.unseen.true),
        **part("measures", lambda: _measures(evidence.unseen, task), {}),
        "importance": strongest,
        "dependence": part(
            "dependence", lambda: _dependence(found, data, shown, preprocess, strongest, task), []
        ),
        "search": evidence.candidates,
        "drawing": part("drawing", lambda: drawing_of(evidence.made or found.estimator), {}),
        "profile": part("profile", lambda: profile_of(data.x, columns, shown, counts), []),
        "libraries": part("libraries", lambda: libraries_of(found.estimator), {}),
        "notes": notes,
    }


def _measures(unseen: Any, task: str) -> Data:
    if unseen is None or task not in METRICS:
        return {}
    return {task: of_classes(unseen) if task == "classification" else of_numbers(unseen)}


def _importance(
    found: Evaluated,
    data: TrainingData,
    shown: list[Data],
    preprocess: Callable[[Any], Any] | None,
    task: str,
) -> Data:
    estimator, rows = found.evidence.judged
    if estimator is None or task not in METRICS or data.y is None or data.y.ndim != 1:
        return {"note": "not measured: no rows were held out"}
    if data.x.ndim == 1:
        return {"note": "not measured: the model has only one column, a text"}
    rows = sampled(rows, importance.MOST_ROWS)
    names = [str(one["name"]) for one in shown]
    asked = Asked(estimator, preprocess, task)
    measured = importance.importance_of(asked, chosen(data.x, rows), data.y[rows], names)
    held = bool(found.held_out) and bool(set(rows) & set(found.held_out))
    return {**measured, "source": "held_out" if held else "fold"}


def _dependence(  # noqa: PLR0913, PLR0917 - what is known of a model
    found: Evaluated,
    data: TrainingData,
    shown: list[Data],
    preprocess: Callable[[Any], Any] | None,
    strongest: Data,
    task: str,
) -> list[Data]:
    """Return the partial dependence of the strongest columns; of any if they aren't measured."""
    if data.x.ndim == 1 or task not in METRICS or (data.y is not None and data.y.ndim != 1):
        return []
    order = [one["name"] for one in strongest.get("columns", []) if (one["mean"] or 0) > 0]
    place = {str(one["name"]): number for number, one in enumerate(shown)}
    names = order or list(place)
    features = [{**shown[place[name]], "name": name, "place": place[name]} for name in names]
    rows = sampled(list(range(len(data.x))), dependence.MOST_ROWS)
    asked = Asked(found.estimator, preprocess, task)
    return dependence.dependence_of(asked, chosen(data.x, rows), features)

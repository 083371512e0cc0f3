"""scikit-learn, and whatever speaks its API (XGBoost, LightGBM)."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from endpoint.frameworks import Answer, Facts, Predictor
from endpoint.frameworks.classes import Classes, with_scores
from endpoint.frameworks.tables import Table, table_maker
from endpoint.table import Rows
from endpoint.values import plain


def load(path: Path, facts: Facts) -> Predictor:
    """Unpickle an estimator; joblib is imported here, for other frameworks don't need it."""
    import joblib

    return SklearnModel(joblib.load(path), facts)


class SklearnModel:
    """A fitted estimator behind the interface of `Predictor`.

    Args:
        estimator: with `predict`, or with `transform` alone.
        facts: of model.json.
    """

    def __init__(self, estimator: Any, facts: Facts) -> None:
        self._table = table_maker(facts)
        self._answers = _answers_of(estimator, facts)

    def predict(self, rows: Rows) -> list[Answer]:
        """Answer all rows with one vectorised call."""
        return self._answers(self._table(rows))


Answers = Callable[[Table], list[Answer]]


def _answers_of(estimator: Any, facts: Facts) -> Answers:
    """Return what asks the estimator, by its task."""
    signature = facts["signature"]
    outputs = [one["name"] for one in signature.get("outputs", [])]
    answers: Answers
    match signature["task"]:
        case "classification" if outputs:
            answers = _several_classes(estimator, signature)
        case "classification":
            answers = _classes(estimator, signature, facts["model"].get("labels", ""))
        case "outliers":
            answers = _outliers(estimator)
        case "transform":
            answers = partial(_named, estimator.transform, outputs)
        case _ if outputs:
            answers = partial(_named, estimator.predict, outputs)
        case task:
            name = "cluster" if task == "clustering" else "value"
            answers = partial(_single, estimator.predict, name)
    return answers


def _classes(estimator: Any, signature: dict[str, Any], labels: str) -> Answers:
    """Return label, name, and probabilities or else decision values by class name.

    `labels` is "probabilities" where training found that the estimator's label is its most
    probable class: then one call says both.
    """
    classes = Classes(signature["classes"], signature["class_names"])
    if labels == "probabilities":

        def most_probable(table: Table) -> list[Answer]:
            scores = estimator.predict_proba(table)
            return classes.most_probable(scores, partial(_labels_of, estimator, table))

        return most_probable
    if hasattr(estimator, "predict_proba"):
        return lambda table: with_scores(
            classes.named(estimator.predict(table)),
            classes.by_name(estimator.predict_proba(table)),
            "probabilities",
        )
    if hasattr(estimator, "decision_function"):
        return lambda table: with_scores(
            classes.named(estimator.predict(table)),
            classes.decisions(estimator.decision_function(table)),
            "decision_values",
        )
    return lambda table: classes.named(estimator.predict(table))


def _labels_of(estimator: Any, table: Table, numbers: Any) -> Any:
    """Return the estimator's labels of some rows of a table, whatever a hook made of that."""
    if hasattr(table, "iloc"):
        return estimator.predict(table.iloc[numbers])
    if hasattr(table, "shape"):
        return estimator.predict(table[numbers])
    return estimator.predict(table)[numbers]


def _several_classes(estimator: Any, signature: dict[str, Any]) -> Answers:
    """Return an answer for each output, by its name."""
    outputs = signature["outputs"]
    known = [Classes(one["classes"], one["class_names"]) for one in outputs]

    def answers(table: Table) -> list[Answer]:
        predicted = estimator.predict(table)
        columns = [classes.named(predicted[:, n]) for n, classes in enumerate(known)]
        if hasattr(estimator, "predict_proba"):
            scores = estimator.predict_proba(table)
            columns = [
                with_scores(column, classes.by_name(one), "probabilities")
                for column, classes, one in zip(columns, known, scores, strict=True)
            ]
        names = [one["name"] for one in outputs]
        return [
            {"outputs": dict(zip(names, row, strict=True))} for row in zip(*columns, strict=True)
        ]

    return answers


def _outliers(estimator: Any) -> Answers:
    """Return whether a row is an outlier (scikit-learn says -1), and the score behind it."""
    score = getattr(estimator, "decision_function", None) or getattr(
        estimator, "score_samples", None
    )

    def answers(table: Table) -> list[Answer]:
        found: list[Answer] = [{"outlier": bool(one == -1)} for one in estimator.predict(table)]
        return with_scores(found, plain(score(table)), "score") if score else found

    return answers


def _single(ask: Callable[[Table], Any], name: str, table: Table) -> list[Answer]:
    """Return a value a row, under that name."""
    return [{name: one} for one in plain(ask(table))]


def _named(ask: Callable[[Table], Any], names: list[str], table: Table) -> list[Answer]:
    """Return a row's values by their names; a sparse result is made dense."""
    values = ask(table)
    dense = values.toarray() if hasattr(values, "toarray") else values
    dense = dense.to_numpy() if hasattr(dense, "to_numpy") else dense
    return [{"values": dict(zip(names, row, strict=True))} for row in plain(dense)]

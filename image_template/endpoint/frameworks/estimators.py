"""Fitted estimators: scikit-learn's, those of libraries with its API, and compiled ones."""

from collections.abc import Callable
from functools import partial
from typing import Any

from endpoint.frameworks.classes import Classes, with_scores
from endpoint.frameworks.outputs import per_row, scores_of, table_of
from endpoint.frameworks.predictor import Answer, Facts
from endpoint.frameworks.tables import Table
from endpoint.json_values import plain
from endpoint.rows import Rows

_KEYS = {"predict_proba": "probabilities", "decision_function": "decision_values"}


class EstimatorModel:
    """A fitted estimator behind the interface of `Predictor`.

    Args:
        estimator: has `predict`, or only `transform`.
        facts: the content of model.json.
        table: makes the estimator's tables.
    """

    def __init__(self, estimator: Any, facts: Facts, table: Callable[[Rows], Table]) -> None:
        self._table = table
        self._answers = _answers_of(estimator, facts)

    def predict(self, rows: Rows) -> list[Answer]:
        """Predict all rows in one vectorised call."""
        return self._answers(self._table(rows), len(rows))


Answers = Callable[[Table, int], list[Answer]]
"""Predicts a table with this count of rows; `preprocess` may have made any object of it."""


def _answers_of(estimator: Any, facts: Facts) -> Answers:
    """Return the function that calls the estimator according to its task."""
    signature = facts["signature"]
    outputs = [output["name"] for output in signature.get("outputs", [])]
    method = _method_of(estimator, facts)
    answers: Answers
    match signature["task"]:
        case "classification" if outputs:
            answers = _several_classes(estimator, signature, method)
        case "classification":
            answers = _classes(estimator, signature, method, facts["model"].get("labels", ""))
        case "outliers":
            answers = _outliers(estimator, method)
        case "transform":
            answers = partial(_named, estimator.transform, outputs)
        case _ if outputs:
            answers = partial(_named, estimator.predict, outputs)
        case task:
            name = "cluster" if task == "clustering" else "value"
            answers = partial(_single, estimator.predict, name)
    return answers


def _method_of(estimator: Any, facts: Facts) -> str:
    """Return the estimator's method for scores, or "".

    Training records it, except in bundles of format 1.
    """
    if "scores" in facts["model"]:
        return str(facts["model"]["scores"])
    wanted = {
        "classification": ("predict_proba", "decision_function"),
        "outliers": ("decision_function", "score_samples"),
    }.get(facts["signature"]["task"], ())
    return next((name for name in wanted if hasattr(estimator, name)), "")


def _classes(estimator: Any, signature: dict[str, Any], method: str, labels: str) -> Answers:
    """Return label, name, and probabilities or decision values by name.

    `labels` is "probabilities" if training found that the estimator's label is always its most
    probable class. One call of the estimator is enough then.
    """
    classes = Classes(
        signature["classes"], signature["class_names"], signature.get("decision_names")
    )
    if labels == "probabilities":

        def most_probable(table: Table, count: int) -> list[Answer]:
            scores = table_of(estimator.predict_proba(table), count)
            return classes.most_probable(scores, partial(_labels_of, estimator, table, count))

        return most_probable

    def named(table: Table, count: int) -> list[Answer]:
        return classes.named(per_row(estimator.predict(table), count))

    if not method:
        return named
    score, key = getattr(estimator, method), _KEYS[method]
    by_name = classes.by_name if method == "predict_proba" else classes.decisions
    return lambda table, count: with_scores(
        named(table, count), by_name(table_of(score(table), count)), key
    )


def _labels_of(estimator: Any, table: Table, count: int, numbers: Any) -> Any:
    """Return the estimator's labels of some rows of a table."""
    return per_row(estimator.predict(table), count)[numbers]


def _several_classes(estimator: Any, signature: dict[str, Any], method: str) -> Answers:
    """Return one prediction per output, by its name."""
    outputs = signature["outputs"]
    names = [output["name"] for output in outputs]
    known = [Classes(output["classes"], output["class_names"]) for output in outputs]
    score = getattr(estimator, method) if method else None

    def answers(table: Table, count: int) -> list[Answer]:
        predicted = table_of(estimator.predict(table), count)
        columns = [classes.named(predicted[:, n]) for n, classes in enumerate(known)]
        if score is not None:
            scores = scores_of(score(table), count)
            columns = [
                with_scores(column, _of_output(classes, scores, n), _KEYS[method])
                for n, (column, classes) in enumerate(zip(columns, known, strict=True))
            ]
        return [
            {"outputs": dict(zip(names, row, strict=True))} for row in zip(*columns, strict=True)
        ]

    return answers


def _of_output(classes: Classes, scores: Any, number: int) -> list[dict[str, Any]]:
    """Return the scores of one output: for all its classes, or only for the second."""
    if isinstance(scores, list):
        return classes.by_name(scores[number])
    return classes.second(scores[:, number])


def _outliers(estimator: Any, method: str) -> Answers:
    """Return whether a row is an outlier (scikit-learn's label -1), and its score."""
    score = getattr(estimator, method) if method else None

    def answers(table: Table, count: int) -> list[Answer]:
        labels = per_row(estimator.predict(table), count)
        found: list[Answer] = [{"outlier": bool(label == -1)} for label in labels]
        if score is None:
            return found
        return with_scores(found, plain(per_row(score(table), count)), "score")

    return answers


def _single(method: Callable[[Table], Any], name: str, table: Table, count: int) -> list[Answer]:
    """Return one value per row under `name`."""
    return [{name: value} for value in plain(per_row(method(table), count))]


def _named(
    method: Callable[[Table], Any], names: list[str], table: Table, count: int
) -> list[Answer]:
    """Return the values of each row by the outputs' names."""
    values = table_of(method(table), count)
    rows = values.reshape(count, -1) if values.ndim == 1 else values
    return [{"values": dict(zip(names, row, strict=True))} for row in plain(rows)]

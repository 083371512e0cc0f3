"""Detects an ONNX graph's outputs by their names, types and values."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mldeploy.model.foreign.reading import wrong
from mldeploy.model.frameworks.onnx.labels import ordered
from mldeploy.model.json_values import plain

_WHOLE = 1e-3
_TIE = 1e-5
_BINARY = 2


def scores_of(scores: Any) -> Any:
    """Return scores as an array of shape (rows, columns), or None."""
    import numpy as np

    if scores is None:
        return None
    if isinstance(scores, list):
        return np.array([list(one.values()) for one in scores])
    return scores.reshape(len(scores), -1)


@dataclass(frozen=True)
class Results:
    """The kind of the predictions: `facts` for the signature, and the method of the scores."""

    facts: dict[str, Any]
    method: str = ""


def results_of(labels: Any, scores: Any, name: str, lists: Iterable[list[Any]] = ()) -> Results:
    """Return the task, the classes and the kind of scores, from the predictions.

    Args:
        labels: of shape (rows,) or (rows, values).
        scores: an array, a map per row with the classes as its keys, or None.
        name: of the scores' output: converters use it for probabilities and decision values, but
            not for distances or outlier scores.
        lists: of labels in the graph's constants.

    Raises:
            MldeployError: MLD246 if the rows don't determine the order of the classes.
    """
    several = labels.ndim > 1
    outputs = {"outputs": [{"name": f"y{n}"} for n in range(labels.shape[1])]} if several else {}
    if labels.dtype.kind == "f":
        return Results({"task": "regression", **outputs})
    if several:
        return Results({"task": "other", **outputs})
    values = [plain(one) for one in labels]
    table = scores_of(scores)
    if table is None:
        return _classification(sorted(set(values)), "")
    if "prob" not in name.lower():
        if _are_outliers(values, table):
            return Results({"task": "outliers"}, "decision_function")
        if _are_clusters(values, table):
            return Results({"task": "clustering"})
    return _of_classes(values, scores, table, lists)


def _are_outliers(values: list[Any], table: Any) -> bool:
    """Return whether labels are -1 and 1 by the sign of a score, as in scikit-learn's detectors."""
    if table.shape[1] != 1 or not set(values) <= {-1, 0, 1}:
        return False
    pairs = zip(values, table[:, 0].tolist(), strict=True)
    return all(
        label == (score > 0) - (score < 0) or (label, score) == (1, 0) for label, score in pairs
    )


def _are_clusters(values: list[Any], table: Any) -> bool:
    """Return whether a label is the index of the row's smallest distance."""
    nearest = table.argmin(axis=1).tolist()
    return table.shape[1] > 1 and nearest == values and not _sum_to_one(table)


def _sum_to_one(table: Any) -> bool:
    return bool((abs(table.sum(axis=1) - 1) < _WHOLE).all() and (table >= 0).all())


def _of_classes(values: list[Any], scores: Any, table: Any, lists: Iterable[list[Any]]) -> Results:
    """Return classes in the order of the scores.

    A list of maps contains them; for a tensor they are derived from the rows' labels.
    """
    if isinstance(scores, list):
        classes = [plain(one) for one in scores[0]]
        method = _method(table)
        told = _shown(values, table)
        opposite = told and all(classes[column] != label for column, label in told)
        # Some converters turn round the decision values of two classes.
        return _classification(classes, "" if opposite else method)
    if table.shape[1] == 1:
        return _of_one_score(values)
    pairs = _shown(values, table)
    shown = dict(pairs)
    if len(shown) < len(pairs) or len(set(shown.values())) < len(shown):
        # The label isn't the class with the highest score, so the order of the scores is unknown.
        return _classification(sorted(set(values)), "")
    count = table.shape[1]
    known = ordered(shown, count, lists)
    if known is None:
        raise wrong(
            f"the model has {count} classes, but the rows contain {len(shown)} of them",
            "pass rows of every class, or convert the model with zipmap enabled",
        )
    return _classification(known, _method(table))


def _shown(values: list[Any], table: Any) -> set[tuple[int, Any]]:
    """Return each column with a row's highest score, with the row's label, ignoring ties."""
    tops = table.max(axis=1, keepdims=True)
    single = (table > tops - _TIE * (1 + abs(tops))).sum(axis=1) == 1
    columns = table.argmax(axis=1)
    return {(int(columns[row]), values[row]) for row in single.nonzero()[0].tolist()}


def _of_one_score(values: list[Any]) -> Results:
    """Return the two classes of one decision value per row: it is that of the second."""
    classes = known = sorted(set(values))
    if classes in ([0], [-1]):
        known = [classes[0], 1]
    if len(known) != _BINARY:
        raise wrong(
            f"the model has two classes, but the rows contain {len(classes)} of them",
            "pass rows of both classes",
        )
    return _classification(known, "decision_function", single=True)


def _method(table: Any) -> str:
    return "predict_proba" if _sum_to_one(table) else "decision_function"


def _classification(classes: list[Any], method: str, *, single: bool = False) -> Results:
    names = list(map(str, classes))
    facts = {"task": "classification", "classes": classes, "class_names": names}
    if method == "decision_function":
        facts["decision_names"] = names[-1:] if single else names
    return Results(facts, method)

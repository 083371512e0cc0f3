"""What an ONNX graph says of rows, in plain Python: the truth that the endpoint is held to."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.answers import Answer, answers_of
from mldeploy.model.comparing import Scales, compare, scales_of
from mldeploy.model.onnx_labels import ordered
from mldeploy.model.outputs import Outputs
from mldeploy.model.reading import wrong
from mldeploy.model.sampling import GOLDEN_ROWS, PROOF_ROWS
from mldeploy.model.truth import Truth
from mldeploy.model.values import plain

_SECONDS_ALONE = 1.5
_NOISE = 1e-5
"""Graphs compute in 32 bits, and add in another order for one row than for many."""
_LEAST_NOISE = 1e-12
_WHOLE = 1e-3
_BINARY = 2
_TIE = 1e-5

Row = list[Any]


@dataclass(frozen=True)
class Graph:
    """A graph that can be asked.

    Attributes:
        session: of ONNX Runtime.
        inputs: "name", "dtype" and "columns" of each, in the order of a row's values.
        label: the output with labels or values.
        scores: the output with probabilities, decision values or distances, or "".
        fixed: whether it takes one row at a time.
    """

    session: Any
    inputs: list[dict[str, Any]]
    label: str
    scores: str
    fixed: bool = False

    def as_facts(self) -> dict[str, Any]:
        """Return what model.json says of it."""
        found = {"inputs": self.inputs, "label": self.label, "scores": self.scores}
        return {**found, "rows": 1} if self.fixed else found

    def ask(self, rows: list[Row]) -> tuple[Any, Any]:
        """Return labels or values, one entry per row, and scores: an array, maps, or None.

        Raises:
            MldeployError: MLD246 where the graph fails, MLD224 where it doesn't answer every row.
        """
        import numpy as np

        if self.fixed and len(rows) > 1:
            several = [self.ask([row]) for row in rows]
            labels = np.concatenate([one for one, _ in several])
            return labels, _joined([one for _, one in several])
        wanted = [name for name in (self.label, self.scores) if name]
        try:
            found = self.session.run(wanted, self._feed(rows))
        except Exception as error:  # onnxruntime has classes of its own for each reason
            raise wrong(f"the model fails on the rows: {str(error)[:300]}") from error
        labels = np.asarray(found[0])
        if labels.ndim == 0 or len(labels) != len(rows):
            count = len(labels) if labels.ndim else 1
            raise MldeployError(
                "MLD224",
                f"the graph gives {count} answers for {len(rows)} rows",
                "a served model must answer every row",
            )
        flat = labels.reshape(len(rows)) if labels.size == len(rows) else labels
        return flat, found[1] if self.scores else None

    def _feed(self, rows: list[Row]) -> dict[str, Any]:
        import numpy as np

        feed, start = {}, 0
        for one in self.inputs:
            end = start + one["columns"]
            feed[one["name"]] = np.array([row[start:end] for row in rows], dtype=one["dtype"])
            start = end
        return feed


def _joined(scores: list[Any]) -> Any:
    import numpy as np

    if scores[0] is None:
        return None
    if isinstance(scores[0], list):
        return [one for several in scores for one in several]
    return np.concatenate(scores)


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
    """What the answers are: `facts` for the signature, and the method that the scores are like."""

    facts: dict[str, Any]
    method: str = ""


def results_of(labels: Any, scores: Any, name: str, lists: Iterable[list[Any]] = ()) -> Results:
    """Return the task, the classes and what the scores are, as the answers show them.

    Args:
        labels: of shape (rows,) or (rows, values).
        scores: an array, a map per row with the classes as its keys, or None.
        name: of the scores' output: converters call probabilities and decision values so, and
            neither distances nor the scores of outliers.
        lists: of labels, as the graph's constants have them.

    Raises:
        MldeployError: MLD246 where the rows don't show which class is which.
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
    """Tell whether labels are -1 and 1 by the sign of one score, as scikit-learn's detectors do."""
    if table.shape[1] != 1 or not set(values) <= {-1, 0, 1}:
        return False
    pairs = zip(values, table[:, 0].tolist(), strict=True)
    return all(
        label == (score > 0) - (score < 0) or (label, score) == (1, 0) for label, score in pairs
    )


def _are_clusters(values: list[Any], table: Any) -> bool:
    """Tell whether a label is the place of the least of a row's distances."""
    nearest = table.argmin(axis=1).tolist()
    return table.shape[1] > 1 and nearest == values and not _sum_to_one(table)


def _sum_to_one(table: Any) -> bool:
    return bool((abs(table.sum(axis=1) - 1) < _WHOLE).all() and (table >= 0).all())


def _of_classes(values: list[Any], scores: Any, table: Any, lists: Iterable[list[Any]]) -> Results:
    """Return classes in the order of the scores.

    A list of maps names them; beside a tensor they follow from the rows whose label is known.
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
        # The label isn't the class with the greatest score: nothing says what the scores are of.
        return _classification(sorted(set(values)), "")
    count = table.shape[1]
    known = ordered(shown, count, lists)
    if known is None:
        raise wrong(
            f"the model has {count} classes, and the rows show {len(shown)} of them",
            "give rows of every class, or convert the model with zipmap on",
        )
    return _classification(known, _method(table))


def _shown(values: list[Any], table: Any) -> set[tuple[int, Any]]:
    """Return each column that is the greatest of a row, with the row's label; ties tell nothing."""
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
            f"the model has two classes, and the rows show {len(classes)} of them",
            "give rows of both classes",
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


def truth_of(graph: Graph, rows: list[Row], signature: dict[str, Any], method: str) -> Truth:
    """Return the graph's own answers: to the rows together, and to each of the first alone.

    Args:
        graph: to ask.
        rows: as requests hold them.
        signature: what the answers are called.
        method: what the scores are, or "".

    Raises:
        MldeployError: MLD224 where a row gets another answer alone than among others.
    """
    sure = zip(rows, _answers(graph, rows, signature, method), strict=True)
    inputs = _spread([row for row, answer in sure if not _is_level(answer)] or rows)
    together = _answers(graph, inputs, signature, method)
    until = time.monotonic() + _SECONDS_ALONE
    alone: list[Answer] = []
    for number, row in enumerate(inputs):
        if number >= GOLDEN_ROWS and time.monotonic() > until:
            break
        alone += _answers(graph, [row], signature, method)
    return Truth(inputs, together, alone, _noise(together, alone))


def _is_level(answer: Answer) -> bool:
    """Tell whether the last bit decides: one row alone and many may get other labels then."""
    scores = answer.get("probabilities") or answer.get("decision_values")
    known = sorted(scores.values()) if scores else [answer.get("score", 1.0)]
    if any(one is None for one in known):
        return False
    gap = known[-1] - known[-2] if len(known) > 1 else abs(known[0])
    return bool(gap < _NOISE * max(1.0, abs(known[-1])))


def _spread(rows: list[Row]) -> list[Row]:
    """Return the golden rows, evenly over the example, and the first of the others."""
    count = min(GOLDEN_ROWS, len(rows))
    golden = [number * len(rows) // count for number in range(count)]
    others = [number for number in range(len(rows)) if number not in set(golden)]
    return [rows[number] for number in [*golden, *others][:PROOF_ROWS]]


def _answers(graph: Graph, rows: list[Row], signature: dict[str, Any], method: str) -> list[Answer]:
    labels, scores = graph.ask(rows)
    table = scores_of(scores) if method else None
    if table is not None and table.shape[1] == 1:
        table = table[:, 0]
    return answers_of(Outputs(labels, table, method), signature)


def _noise(together: list[Answer], alone: list[Answer]) -> float:
    largest, scales = 0.0, scales_of(together)
    for row, one in enumerate(alone):
        found = compare(together[row], one, _NOISE, scales)
        if found.differences and not _tied(together[row], scales):
            raise MldeployError(
                "MLD224",
                f"row {row} gets another answer alone than among others: {found.differences[0]}",
                "what a graph says of a row must not depend on the rows beside it",
            )
        largest = max(largest, found.largest)
    return max(min(2 * largest, _NOISE), _LEAST_NOISE)


def _tied(answer: Answer, scales: Scales) -> bool:
    """Tell whether a score is so near its limit that the last bit decides about the label."""
    if "score" in answer:
        return bool(abs(answer["score"]) <= _NOISE * scales.get("score", 0.0))
    shown = answer.get("probabilities") or answer.get("decision_values") or {}
    known = sorted(shown.values(), reverse=True)
    if len(known) == 1:
        return bool(abs(known[0]) <= _NOISE * scales.get("decision_values", 0.0))
    return len(known) > 1 and bool(known[0] - known[1] <= _NOISE * max(1.0, abs(known[0])))

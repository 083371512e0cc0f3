"""Predictions of an ONNX graph in plain Python, to verify the endpoint."""

from dataclasses import dataclass
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.data.sampling import GOLDEN_ROWS, PROOF_ROWS
from mldeploy.model.foreign.reading import wrong
from mldeploy.model.frameworks.onnx.results import scores_of
from mldeploy.model.proof.answers import Answer, answers_of
from mldeploy.model.proof.outputs import Outputs
from mldeploy.model.proof.truth import Truth, alone_long_enough, noise_of

_NOISE = 1e-5
"""Graphs compute in 32 bits, and add in another order for one row than for many."""

Row = list[Any]


@dataclass(frozen=True)
class Graph:
    """A graph to predict with.

    Attributes:
        session: of ONNX Runtime.
        inputs: "name", "dtype" and "columns" of each, in the order of a row's values.
        label: the output with labels or values.
        scores: the output with probabilities, decision values or distances, or "".
        fixed: whether it accepts only one row at a time.
    """

    session: Any
    inputs: list[dict[str, Any]]
    label: str
    scores: str
    fixed: bool = False

    def as_facts(self) -> dict[str, Any]:
        """Return its facts for model.json."""
        found = {"inputs": self.inputs, "label": self.label, "scores": self.scores}
        return {**found, "rows": 1} if self.fixed else found

    def ask(self, rows: list[Row]) -> tuple[Any, Any]:
        """Return labels or values, one entry per row, and scores: an array, maps, or None.

        Raises:
            MldeployError: MLD246 if the graph fails, MLD224 if it doesn't predict every row.
        """
        import numpy as np

        if self.fixed and len(rows) > 1:
            several = [self.ask([row]) for row in rows]
            labels = np.concatenate([one for one, _ in several])
            return labels, _joined([one for _, one in several])
        wanted = [name for name in (self.label, self.scores) if name]
        try:
            found = self.session.run(wanted, self._feed(rows))
        except Exception as error:  # onnxruntime has a class per cause
            raise wrong(f"the model fails on the rows: {str(error)[:300]}") from error
        labels = np.asarray(found[0])
        if labels.ndim == 0 or len(labels) != len(rows):
            count = len(labels) if labels.ndim else 1
            raise MldeployError(
                "MLD224",
                f"the graph returns {count} predictions for {len(rows)} rows",
                "export a graph that returns one prediction per row",
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


def truth_of(graph: Graph, rows: list[Row], signature: dict[str, Any], method: str) -> Truth:
    """Return the graph's predictions: for the rows together, and for each of the first alone.

    Args:
        graph: to predict with.
        rows: in the form of requests.
        signature: names of the predictions.
        method: kind of the scores, or "".

    Raises:
        MldeployError: MLD224 if a row's prediction differs alone and among others.
    """
    sure = zip(rows, _answers(graph, rows, signature, method), strict=True)
    inputs = _spread([row for row, answer in sure if not _is_level(answer)] or rows)
    together = _answers(graph, inputs, signature, method)
    enough = alone_long_enough()
    alone: list[Answer] = []
    for number, row in enumerate(inputs):
        if enough(number):
            break
        alone += _answers(graph, [row], signature, method)
    return Truth(inputs, together, alone, noise_of(together, alone, _NOISE))


def _is_level(answer: Answer) -> bool:
    """Return whether scores are tied, so that labels may differ for one row and for many."""
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

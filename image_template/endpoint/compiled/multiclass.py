"""Several classes or outputs by models of one."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import numbers
from endpoint.compiled.frame import Frame


class OneVsRestClassifier:
    """A classifier of each class against the others.

    Args:
        members: nodes of two classes; one, if there are two classes in all.
        method: the method that gives their scores: "decision_function", "predict_proba" or
            "predict".
        classes: the labels.
        multilabel: whether a row has any number of labels.
    """

    def __init__(self, members: list[Any], method: str, classes: Any, *, multilabel: bool) -> None:
        self._members, self._method = members, method
        self._classes, self._multilabel = classes, multilabel

    def predict(self, table: Any) -> Any:
        """Return labels of shape (rows,), or 0 and 1 of shape (rows, labels)."""
        scores = np.array([scored(one, self._method, table) for one in self._members])
        if not self._multilabel and len(scores) > 1:
            return self._classes[scores.argmax(axis=0)]
        above = scores > threshold_of(self._method)
        return above.T.astype(int) if self._multilabel else self._classes[above[0].astype(int)]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        found = np.array([one.predict_proba(table)[:, 1] for one in self._members]).T
        if len(self._members) == 1:
            found = np.concatenate([1 - found, found], axis=1)
        if not self._multilabel:
            total = found.sum(axis=1).reshape(-1, 1)
            np.divide(found, total, out=found, where=total != 0)
        return found

    def decision_function(self, table: Any) -> Any:
        """Return values of shape (rows,) for two classes, else (rows, classes)."""
        if len(self._members) == 1:
            return self._members[0].decision_function(table)
        return np.array([one.decision_function(table).reshape(-1) for one in self._members]).T


class OneVsOneClassifier:
    """A classifier of each pair of classes.

    Args:
        members: nodes whose labels are 0 and 1.
        method: the method that gives their scores, as above.
        classes: the labels.
    """

    def __init__(self, members: list[Any], method: str, classes: Any) -> None:
        self._members, self._method, self._classes = members, method, classes

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        found = self.decision_function(table)
        if found.ndim == 1:
            return self._classes[(found > threshold_of(self._method)).astype(int)]
        return self._classes[found.argmax(axis=1)]

    def decision_function(self, table: Any) -> Any:
        """Return values of shape (rows,) for two classes, else (rows, classes)."""
        table = table.to_numpy() if isinstance(table, Frame) else table
        labels = [one.predict(table) for one in self._members]
        scores = [scored(one, self._method, table) for one in self._members]
        found = votes_of(labels, scores, len(self._classes))
        return found[:, 1] if len(self._classes) == 2 else found  # noqa: PLR2004


def scored(member: Any, method: str, table: Any) -> Any:
    """Return a model's scores of its second class."""
    found = getattr(member, method)(table)
    return found[:, 1] if method == "predict_proba" else found.reshape(-1)


def threshold_of(method: str) -> float:
    """Return the highest score of the first class."""
    return 0.0 if method == "decision_function" else 0.5


def votes_of(labels: list[Any], scores: list[Any], classes: int) -> Any:
    """Return the votes for each class; sums of scores, less than one half each, break ties.

    Args:
        labels: 0 or 1, for each pair of classes.
        scores: for each pair; above 0 for the second class.
        classes: the count of classes.
    """
    pairs = [(first, second) for first in range(classes) for second in range(first + 1, classes)]
    votes, sums = np.zeros((2, len(labels[0]), classes))
    for (first, second), label, score in zip(pairs, labels, scores, strict=True):
        sums[:, first] -= score
        sums[:, second] += score
        votes[:, first] += label == 0
        votes[:, second] += label == 1
    return votes + sums / (3 * (np.abs(sums) + 1))


class MultiOutput:
    """A model of each output.

    Args:
        members: nodes.
    """

    def __init__(self, members: list[Any]) -> None:
        self._members = members

    def predict(self, table: Any) -> Any:
        """Return labels or values of shape (rows, outputs)."""
        return np.asarray([one.predict(table) for one in self._members]).T

    def predict_proba(self, table: Any) -> list[Any]:
        """Return probabilities of shape (rows, classes), for each output."""
        return [one.predict_proba(table) for one in self._members]


class Chain:
    """A model of each output, which sees the outputs of those before it.

    Args:
        members: nodes.
        method: that gives the outputs that others see.
        order: the number of each member's output.
    """

    def __init__(self, members: list[Any], method: str, order: list[int]) -> None:
        self._members, self._method = members, method
        self._order = np.argsort(np.array(order))

    def predict(self, table: Any) -> Any:
        """Return labels or values of shape (rows, outputs)."""
        return self._outputs(table, "predict")

    def predict_proba(self, table: Any) -> Any:
        """Return the probability of the second class, of shape (rows, outputs)."""
        return self._outputs(table, "predict_proba")

    def decision_function(self, table: Any) -> Any:
        """Return decision values of shape (rows, outputs)."""
        return self._outputs(table, "decision_function")

    def _outputs(self, table: Any, method: str) -> Any:
        found = numbers(table)
        seen, outputs = np.zeros((2, len(found), len(self._members)))
        for number, member in enumerate(self._members):
            wide = np.hstack([found, seen[:, :number]])
            seen[:, number] = scored(member, self._method, wide)
            outputs[:, number] = scored(member, method, wide)
        return outputs[:, self._order]

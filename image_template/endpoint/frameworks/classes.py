"""The classes of a classifier, and their labels and names in predictions."""

from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

from endpoint.frameworks.predictor import Answer
from endpoint.json_values import plain

_TIE = 1e-9
_WHOLE = 1e-5
"""The tolerance for the sum of a row's probabilities, which may be 32-bit floats."""
_FEW = 8


class Classes:
    """The labels of a classifier, in the order of its columns, and their names.

    Args:
        labels: the estimator's labels.
        names: one per label.
        decision_names: one per column of the decision values; None in bundles of format 1.
    """

    def __init__(
        self, labels: list[Any], names: list[str], decision_names: list[str] | None = None
    ) -> None:
        self._labels = labels
        self._names = names
        self._decision_names = decision_names
        self._by_label = dict(zip(labels, names, strict=True))

    def named(self, labels: Any) -> list[Answer]:
        """Return label and name of each row."""
        return [
            {"class_label": label, "class_name": self._by_label.get(label, str(label))}
            for label in plain(labels)
        ]

    def by_name(self, scores: Any) -> list[dict[str, Any]]:
        """Return the scores by class name; `scores` has the shape (rows, classes)."""
        return list(self._rows(scores))

    def second(self, scores: Any) -> list[dict[str, Any]]:
        """Return one score per row, that of the second of two classes."""
        return [{self._names[-1]: score} for score in plain(scores)]

    def decisions(self, values: Any) -> list[dict[str, Any]]:
        """Return decision values by name: the second class's of two, or each class's.

        A one-versus-one value belongs to a pair of classes and has the names of both.
        """
        rows = plain(values.reshape(len(values), -1))
        names = self._decision_names or self._guessed(len(rows[0]))
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _guessed(self, columns: int) -> list[str]:
        if columns == 1:
            return self._names[1:2]
        if columns == len(self._names):
            return self._names
        return [
            f"{name} or {other}"
            for number, name in enumerate(self._names)
            for other in self._names[number + 1 :]
        ]

    def most_probable(self, scores: Any, decide: Callable[[Any], Any]) -> list[Answer]:
        """Return label, name and probabilities of each row.

        `decide` returns the labels of rows by their numbers. It is called for rows with a tie or
        with probabilities that don't sum to 1, which each estimator decides in its own way.
        """
        if len(scores) <= _FEW and (found := self._few(scores.tolist())):
            return found
        tops = scores.max(axis=1)
        # Any comparison with NaN is false: a row with NaN has no top class.
        level = (scores > (tops - _TIE)[:, None]).sum(axis=1) != 1
        unsure = (level | ~(abs(scores.sum(axis=1) - 1) < _WHOLE)).nonzero()[0]
        labels, names = self._labels, self._names
        answers: list[Answer] = [
            {"class_label": labels[index], "class_name": names[index], "probabilities": row}
            for index, row in zip(scores.argmax(axis=1).tolist(), self._rows(scores), strict=True)
        ]
        if unsure.size:
            for number, named in zip(unsure.tolist(), self.named(decide(unsure)), strict=True):
                answers[number].update(named)
        return answers

    def _few(self, rows: list[list[float]]) -> list[Answer] | None:
        """Do the same without NumPy, which is slower for few rows; None if `decide` is needed."""
        answers = []
        for row in rows:
            top = max(row)
            least = top - _TIE
            # Any comparison with NaN is false.
            if sum([score > least for score in row]) != 1 or not abs(sum(row) - 1) < _WHOLE:
                return None
            index = row.index(top)
            answers.append(
                {
                    "class_label": self._labels[index],
                    "class_name": self._names[index],
                    "probabilities": dict(zip(self._names, row, strict=True)),
                }
            )
        return answers

    def _rows(self, scores: Any) -> "map[dict[str, Any]]":
        """Yield scores by class name, without executing Python code per row."""
        return map(dict, map(zip, repeat(self._names), plain(scores)))


def with_scores(answers: list[Answer], scores: Iterable[Any], name: str) -> list[Answer]:
    """Return the answers with one score each."""
    return [{**answer, name: score} for answer, score in zip(answers, scores, strict=True)]

"""Classes as answers name them."""

from collections.abc import Iterable
from typing import Any

from endpoint.frameworks import Answer
from endpoint.values import plain

_TIE = 1e-9


class Classes:
    """The labels of a classifier, in the order of its columns, and their names."""

    def __init__(self, labels: list[Any], names: list[str]) -> None:
        self._labels = labels
        self._names = names
        self._by_label = dict(zip(labels, names, strict=True))

    def named(self, labels: Any) -> list[Answer]:
        """Return label and name of each row."""
        return [
            {"class_label": one, "class_name": self._by_label.get(one, str(one))}
            for one in plain(labels)
        ]

    def by_name(self, scores: Any) -> list[dict[str, Any]]:
        """Return a score for each class, by its name; `scores` has the shape (rows, classes)."""
        names = self._names
        return [dict(zip(names, row, strict=True)) for row in plain(scores)]

    def decisions(self, values: Any) -> list[dict[str, Any]]:
        """Return decision values by class name; of two classes there is one, for the second.

        One-versus-one values are of pairs of classes: they have the names of both.
        """
        rows = plain(values)
        if getattr(values, "ndim", 2) == 1:
            return [{self._names[1]: one} for one in rows]
        if rows and len(rows[0]) != len(self._names):
            pairs = [
                f"{one} or {other}"
                for number, one in enumerate(self._names)
                for other in self._names[number + 1 :]
            ]
            return [dict(zip(pairs, row, strict=True)) for row in rows]
        return self.by_name(values)

    def most_probable(self, scores: Any) -> list[Answer] | None:
        """Return label, name and probabilities, or None where two classes are level.

        Then `predict` decides, for each estimator breaks a tie in its own way.
        """
        labels, names = self._labels, self._names
        answers: list[Answer] = []
        for row in plain(scores):
            if None in row:
                return None
            top = max(row)
            index = row.index(top)
            if sum(one > top - _TIE for one in row) > 1:
                return None
            answers.append(
                {
                    "class_label": labels[index],
                    "class_name": names[index],
                    "probabilities": dict(zip(names, row, strict=True)),
                }
            )
        return answers


def with_scores(answers: list[Answer], scores: Iterable[Any], name: str) -> list[Answer]:
    """Return the answers with a score each."""
    return [{**answer, name: score} for answer, score in zip(answers, scores, strict=True)]

"""Classes as answers name them."""

import math
from collections.abc import Callable, Iterable
from itertools import repeat
from typing import Any

from endpoint.frameworks import Answer
from endpoint.values import plain

_TIE = 1e-9
_FEW = 8


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
        return list(self._rows(scores))

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

    def most_probable(self, scores: Any, decide: Callable[[Any], Any]) -> list[Answer]:
        """Return label, name and probabilities.

        `decide` gives the labels of the rows, by their numbers, where two classes are level: each
        estimator breaks a tie in its own way.
        """
        if len(scores) <= _FEW and (found := self._few(scores.tolist())):
            return found
        tops = scores.max(axis=1)
        # A NaN compares as false: its row has no class at the top.
        level = ((scores > (tops - _TIE)[:, None]).sum(axis=1) != 1).nonzero()[0]
        labels, names = self._labels, self._names
        answers: list[Answer] = [
            {"class_label": labels[index], "class_name": names[index], "probabilities": row}
            for index, row in zip(scores.argmax(axis=1).tolist(), self._rows(scores), strict=True)
        ]
        if level.size:
            for number, named in zip(level.tolist(), self.named(decide(level)), strict=True):
                answers[number].update(named)
        return answers

    def _few(self, rows: list[list[float]]) -> list[Answer] | None:
        """Do it without numpy, whose calls cost more than few rows; None where it isn't plain."""
        answers = []
        for row in rows:
            top = max(row)
            least = top - _TIE
            if sum([one > least for one in row]) != 1 or not math.isfinite(sum(row)):
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
        """Return scores by the classes' names, made without a line of Python a row."""
        return map(dict, map(zip, repeat(self._names), plain(scores)))


def with_scores(answers: list[Answer], scores: Iterable[Any], name: str) -> list[Answer]:
    """Return the answers with a score each."""
    return [{**answer, name: score} for answer, score in zip(answers, scores, strict=True)]

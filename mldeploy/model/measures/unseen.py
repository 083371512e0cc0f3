"""Predictions for rows that their model wasn't fitted on: held-out ones, and those of the folds."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mldeploy.model.measures.folds import Fold
from mldeploy.model.measures.measuring import Measured
from mldeploy.model.measures.scores import Classified


@dataclass(frozen=True)
class Unseen:
    """Predictions of one output.

    Attributes:
        true: the values of y, of shape (rows,).
        predicted: the predictions, of the same shape.
        held_out: per row, whether it is one of the held-out rows.
        classes: the labels of the columns of `scores`, sorted; empty for numbers.
        scores: of shape (rows, classes): probabilities; of shape (rows,): decision values of two
            classes; or None.
    """

    true: Any = field(repr=False)
    predicted: Any = field(repr=False)
    held_out: Any = field(repr=False)
    classes: list[Any] = field(default_factory=list)
    scores: Any = field(default=None, repr=False)


def unseen_of(y: Any, test: list[int], held_out: Measured, folds: Iterable[Fold]) -> Unseen | None:
    """Return each row's prediction by the first model that wasn't fitted on it.

    Args:
        y: of all rows, of shape (rows,).
        test: the held-out rows.
        held_out: their predictions.
        folds: of the cross-validation, with theirs.

    Returns:
        None without predictions, and for several outputs.
    """
    import numpy as np

    if y is None or y.ndim != 1:
        return None
    parts = [(test, held_out, True), *((one.pair[1], one.measured, False) for one in folds)]
    parts = [part for part in parts if part[1].predicted is not None]
    if not parts:
        return None
    first = _first([rows for rows, _, _ in parts])
    chosen = [
        (np.asarray(rows)[mine], np.asarray(found.predicted)[mine], found, mine, held)
        for (rows, found, held), mine in zip(parts, first, strict=True)
    ]
    rows = np.concatenate([one[0] for one in chosen])
    scored = all(len(one[2].scores) == 1 for one in chosen)
    classes, scores = _together(y, [(one[2].scores[0], one[3]) for one in chosen] if scored else [])
    return Unseen(
        y[rows],
        np.concatenate([one[1] for one in chosen]),
        np.concatenate([np.full(len(one[0]), one[4]) for one in chosen]),
        classes,
        scores,
    )


def _first(parts: list[list[int]]) -> list[Any]:
    """Return, per part, which of its rows are in no earlier part."""
    import numpy as np

    known: set[int] = set()
    found = []
    for rows in parts:
        found.append(np.array([row not in known for row in rows], dtype=bool))
        known.update(rows)
    return found


def _together(y: Any, parts: list[tuple[Classified, Any]]) -> tuple[list[Any], Any]:
    """Return the sorted classes of all models, and the scores in that order."""
    import numpy as np

    if not parts:
        return [], None
    if all(one.decision is not None for one, _ in parts):
        classes = parts[0][0].classes
        same = all(one.classes == classes for one, _ in parts)
        values = [np.asarray(one.decision)[mine] for one, mine in parts]
        return (classes, np.concatenate(values)) if same else ([], None)
    if any(one.probabilities is None for one, _ in parts):
        return [], None
    known = {label for one, _ in parts for label in one.classes} | set(np.unique(y).tolist())
    classes = sorted(known, key=lambda label: (str(type(label)), label))
    place = {label: number for number, label in enumerate(classes)}
    tables = []
    for one, mine in parts:
        if one.probabilities.ndim != 2 or one.probabilities.shape[1] != len(one.classes):  # noqa: PLR2004 - a table
            return [], None
        table = np.zeros((int(mine.sum()), len(classes)))
        table[:, [place[label] for label in one.classes]] = one.probabilities[mine]
        tables.append(table)
    return classes, np.concatenate(tables)

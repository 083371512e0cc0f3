"""Models of the nearest rows."""

from typing import Any

import numpy as np

from endpoint.compiled.nearest import parts_of


class _Nearest:
    """What both models do.

    Args:
        search: a node of `nearest.py`.
        targets: of training, of shape (rows, outputs): numbers of classes, or values.
        kinds: a number for each row of training; equal if its targets are equal.
        weights: "uniform" or "distance".
        ordered: whether the order of rows at equal distances changes a result.
    """

    def __init__(
        self, search: Any, targets: Any, kinds: Any, *, weights: str, ordered: bool
    ) -> None:
        self._search, self._targets, self._kinds = search, targets, kinds
        self._weights, self._ordered = weights, ordered

    def _found(self, table: Any) -> tuple[Any, Any]:
        """Return distances to the nearest rows, in ascending order, and their numbers."""
        x = self._search.checked(table)
        with np.errstate(over="ignore", invalid="ignore"):
            parts = [self._part(part, len(x)) for part in parts_of(x, self._search.chunk())]
        reduced = np.concatenate([one for one, _ in parts])
        numbers = np.concatenate([one for _, one in parts])
        return self._search.real(reduced), numbers

    def _part(self, x: Any, several: int) -> tuple[Any, Any]:
        near, count = self._search.candidates(x), self._search.nearest
        rows = np.flatnonzero(self._unclear(near))
        reduced, numbers = near.distances[:, :count], near.numbers[:, :count]
        if len(rows):
            found = self._search.exact(x[rows], near.whole(rows), several)
            reduced[rows], numbers[rows] = zip(*found, strict=True)
        return reduced, numbers

    def _unclear(self, near: Any) -> Any:
        """Return the rows for which the order of the search may choose another result."""
        tolerance, count = self._search.tolerance, self._search.nearest
        distances, last = near.distances, near.distances[:, count - 1 : count]
        found = ~np.isfinite(last[:, 0])
        rows = np.flatnonzero((distances[:, count:] <= last * (1 + tolerance)).any(axis=1))
        if len(rows):
            # Several kinds of rows are as far as the last one that counts.
            some, ends, kinds = distances[rows], last[rows], self._kinds[near.numbers[rows]]
            tied = (some <= ends * (1 + tolerance)) & (some >= ends * (1 - tolerance))
            lowest = np.where(tied, kinds, len(self._kinds)).min(axis=1)
            found[rows] |= lowest != np.where(tied, kinds, -1).max(axis=1)
        if self._ordered:
            kinds = self._kinds[near.numbers[:, :count]]
            equal = distances[:, 1:count] == distances[:, : count - 1]
            found |= (equal & (kinds[:, 1:] != kinds[:, :-1])).any(axis=1)
        return found


def _weights_of(distances: Any) -> Any:
    """Return 1 / distance; if one is 0, 1 for these rows and 0 for the others."""
    with np.errstate(divide="ignore"):
        found = 1.0 / distances
    infinite = np.isinf(found)
    rows = infinite.any(axis=1)
    found[rows] = infinite[rows]
    return found


class KNeighborsClassifier(_Nearest):
    """The most frequent class among the nearest rows.

    Args:
        classes: the labels of each output.
        several: whether y has several outputs.
        others: of `_Nearest`.
    """

    def __init__(self, classes: list[Any], *, several: bool, **others: Any) -> None:
        super().__init__(**others)
        self._classes, self._several = classes, several

    def predict(self, table: Any) -> Any:
        """Return the labels, of shape (rows,) or (rows, outputs)."""
        uniform = self._weights == "uniform"
        scores = self._counted(table) if uniform else self._summed(table)
        found = np.empty((len(scores[0]), len(scores)), dtype=self._classes[0].dtype)
        for number, labels in enumerate(self._classes):
            found[:, number] = labels[scores[number].argmax(axis=1)]
        return found if self._several else found.reshape(-1)

    def predict_proba(self, table: Any) -> Any:
        """Return the probabilities of an output, of shape (rows, classes), or a list of them."""
        uniform = self._weights == "uniform"
        scores = self._counted(table) if uniform else self._added(table)
        found = [one / one.sum(axis=1).reshape(-1, 1) for one in scores]
        return found if self._several else found[0]

    def _counted(self, table: Any) -> list[Any]:
        """Return how many of the nearest rows have each class, per output."""
        _, numbers = self._found(table)
        first = np.arange(len(numbers)).reshape(-1, 1)
        found = []
        for targets, labels in zip(self._targets.T, self._classes, strict=True):
            places = first * len(labels) + targets.take(numbers)
            votes = np.bincount(places.reshape(-1), minlength=len(numbers) * len(labels))
            found.append(votes.reshape(-1, len(labels)).astype(np.float64))
        return found

    def _weighted(self, table: Any) -> tuple[Any, Any]:
        distances, numbers = self._found(table)
        weights = _weights_of(distances)
        if (weights == 0).all(axis=1).any():
            raise ValueError("all nearest rows of a row have the weight 0")
        return weights, numbers

    def _added(self, table: Any) -> list[Any]:
        """Return the sum of weights of each class, per output, as predict_proba adds it."""
        weights, numbers = self._weighted(table)
        every = np.arange(len(weights))
        found = []
        for number, labels in enumerate(self._classes):
            total = np.zeros((len(weights), len(labels)))
            for place, kinds in enumerate(self._targets[:, number][numbers].T):
                total[every, kinds] += weights[:, place]
            found.append(total)
        return found

    def _summed(self, table: Any) -> list[Any]:
        """Return the sum of weights of each class, per output, as predict adds it."""
        weights, numbers = self._weighted(table)
        found = []
        for number, labels in enumerate(self._classes):
            kinds = self._targets[:, number][numbers]
            sums = [np.where(kinds == one, weights, 0.0).sum(axis=1) for one in range(len(labels))]
            found.append(np.stack(sums, axis=1))
        return found


class KNeighborsRegressor(_Nearest):
    """The mean of the nearest rows' values.

    Args:
        several: whether y has two dimensions.
        others: of `_Nearest`.
    """

    def __init__(self, *, several: bool, **others: Any) -> None:
        super().__init__(**others)
        self._several = several

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,) or (rows, outputs)."""
        distances, numbers = self._found(table)
        if self._weights == "uniform":
            found = self._targets[numbers].mean(axis=1)
        else:
            weights = _weights_of(distances)
            total = weights.sum(axis=1)
            found = np.empty((len(weights), self._targets.shape[1]), dtype=np.float64)
            for number in range(found.shape[1]):
                with np.errstate(invalid="ignore"):
                    sums = (self._targets[numbers, number] * weights).sum(axis=1)
                    found[:, number] = sums / total
        return found if self._several else found.reshape(-1)

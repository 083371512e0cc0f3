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
        parts = [self._part(part, len(x)) for part in parts_of(x, self._search.chunk())]
        reduced = np.concatenate([one for one, _ in parts])
        numbers = np.concatenate([one for _, one in parts])
        return self._search.real(reduced), numbers

    def _part(self, x: Any, several: int) -> tuple[Any, Any]:
        count, every = self._search.nearest, np.arange(len(x)).reshape(-1, 1)
        distances = self._search.distances(x)
        numbers = np.argpartition(distances, count - 1, axis=1)[:, :count]
        numbers = numbers[every, np.argsort(distances[every, numbers], axis=1)]
        reduced = distances[every, numbers]
        unclear = self._unclear(distances, reduced[:, -1:])
        if self._ordered:
            kinds = self._kinds[numbers]
            equal = reduced[:, 1:] == reduced[:, :-1]
            unclear |= (equal & (kinds[:, 1:] != kinds[:, :-1])).any(axis=1)
        for row in np.flatnonzero(unclear).tolist():
            reduced[row], numbers[row] = self._search.exact(x[row], distances[row], several)
        return reduced, numbers

    def _unclear(self, distances: Any, last: Any) -> Any:
        """Return the rows where several kinds of rows are as far as the last one that counts."""
        tolerance = self._search.tolerance
        found = ~np.isfinite(last[:, 0])
        counts = np.count_nonzero(distances <= last * (1 + tolerance), axis=1)
        rows = np.flatnonzero(counts > self._search.nearest)
        if len(rows):
            some, ends = distances[rows], last[rows]
            tied = (some <= ends * (1 + tolerance)) & (some >= ends * (1 - tolerance))
            lowest = np.where(tied, self._kinds, len(self._kinds)).min(axis=1)
            found[rows] |= lowest != np.where(tied, self._kinds, -1).max(axis=1)
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
        x = self._search.checked(table)
        parts = [self._count(part, len(x)) for part in parts_of(x, self._search.chunk())]
        return [np.concatenate(one) for one in zip(*parts, strict=True)]

    def _count(self, x: Any, several: int) -> list[Any]:
        search = self._search
        distances = search.distances(x)
        last = np.partition(distances, search.nearest - 1, axis=1)[:, search.nearest - 1, None]
        rows, nearest = (distances <= last).nonzero()
        found = self._votes(rows, nearest, len(x))
        counts = np.bincount(rows, minlength=len(x))
        unclear = self._unclear(distances, last)
        for row in np.flatnonzero((counts > search.nearest) | unclear).tolist():
            if unclear[row]:
                _, numbers = search.exact(x[row], distances[row], several)
            else:  # all at the last distance are of one kind
                numbers = np.argpartition(distances[row], search.nearest - 1)[: search.nearest]
            votes = self._votes(np.zeros(len(numbers), dtype=np.intp), numbers, 1)
            for one, other in zip(found, votes, strict=True):
                one[row] = other[0]
        return found

    def _votes(self, rows: Any, numbers: Any, count: int) -> list[Any]:
        """Return how many rows of training have each class, of shape (count, classes), per output.

        Args:
            rows: of the table; the row of training with the number beside it votes there.
            numbers: of the rows of training.
            count: of rows of the table.
        """
        found = []
        for targets, labels in zip(self._targets.T, self._classes, strict=True):
            places = rows * len(labels) + targets.take(numbers)
            votes = np.bincount(places, minlength=count * len(labels))
            found.append(votes.reshape(count, len(labels)).astype(np.float64))
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

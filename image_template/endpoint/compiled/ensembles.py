"""Models that combine the predictions of others."""

from typing import Any

import numpy as np

from endpoint.compiled.checks import numbers
from endpoint.compiled.frame import Frame
from endpoint.compiled.functions import expit
from endpoint.compiled.sparse import Sparse, beside


class VotingClassifier:
    """The class that most models predict, or the one with the highest mean probability.

    Args:
        members: nodes whose labels are the numbers of classes.
        weights: of the members, or None.
        classes: the labels.
        soft: whether probabilities are averaged.
    """

    def __init__(
        self, members: list[Any], weights: list[float] | None, classes: Any, *, soft: bool
    ) -> None:
        self._members, self._weights, self._classes, self._soft = members, weights, classes, soft

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        scores = self.predict_proba(table) if self._soft else self._votes(table)
        return self._classes[scores.argmax(axis=1)]

    def predict_proba(self, table: Any) -> Any:
        """Return mean probabilities of shape (rows, classes)."""
        found = np.asarray([one.predict_proba(table) for one in self._members])
        return np.average(found, axis=0, weights=self._weights)

    def _votes(self, table: Any) -> Any:
        predictions = [one.predict(table) for one in self._members]
        every = np.arange(len(predictions[0]))
        found = np.zeros((len(every), len(self._classes)))
        weights = self._weights or [1.0] * len(predictions)
        for labels, weight in zip(predictions, weights, strict=True):
            found[every, labels] += weight
        return found


class VotingRegressor:
    """The mean of several models.

    Args:
        members: nodes.
        weights: of the members, or None.
    """

    def __init__(self, members: list[Any], weights: list[float] | None) -> None:
        self._members, self._weights = members, weights

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,)."""
        found = np.asarray([one.predict(table) for one in self._members]).T
        return np.average(found, axis=1, weights=self._weights)


class Stacking:
    """A model of the predictions of others.

    Args:
        members: nodes.
        methods: "predict", "predict_proba" or "decision_function", of each member.
        last: the node of the final model.
        passthrough: whether the final model sees the table too.
        classes: the labels, or None for regression.
    """

    def __init__(
        self,
        members: list[Any],
        methods: list[str],
        last: Any,
        *,
        passthrough: bool,
        classes: Any,
    ) -> None:
        self._members = list(zip(members, methods, strict=True))
        self._last, self._passthrough, self._classes = last, passthrough, classes
        # Of two probabilities, one is left out.
        self._binary = classes is not None and len(classes) == 2  # noqa: PLR2004

    def transform(self, table: Any) -> Any:
        """Return the predictions, of shape (rows, columns)."""
        parts = []
        for member, method in self._members:
            found = getattr(member, method)(table)
            if found.ndim == 1:
                found = found.reshape(-1, 1)
            elif method == "predict_proba" and self._binary:
                found = found[:, 1:]
            parts.append(found)
        if self._passthrough and isinstance(table, Sparse):
            return beside([*parts, table])
        if self._passthrough:
            parts.append(table.to_numpy() if isinstance(table, Frame) else table)
        return np.hstack(parts)

    def predict(self, table: Any) -> Any:
        """Return labels or values."""
        found = self._last.predict(self.transform(table))
        return found if self._classes is None else self._classes[found]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        return self._last.predict_proba(self.transform(table))

    def decision_function(self, table: Any) -> Any:
        """Return the final model's decision values."""
        return self._last.decision_function(self.transform(table))


class CalibratedClassifierCV:
    """The mean of classifiers, each with probabilities from its scores.

    Args:
        members: nodes.
        methods: "predict_proba" or "decision_function", of each member.
        calibrators: of each member, one for each class that it knows, or one for two classes.
        places: of each member, the numbers of these classes.
        classes: the labels.
    """

    def __init__(
        self,
        members: list[Any],
        methods: list[str],
        *,
        calibrators: list[list[Any]],
        places: list[list[int]],
        classes: Any,
    ) -> None:
        self._members = list(zip(members, methods, calibrators, places, strict=True))
        self._classes = classes

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        return self._classes[self.predict_proba(table).argmax(axis=1)]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        total: Any = 0.0
        for member, method, calibrators, places in self._members:
            scores = getattr(member, method)(table)
            if len(self._classes) == 2:  # noqa: PLR2004
                second = calibrators[0].predict(scores if scores.ndim == 1 else scores[:, 1])
                found = np.stack([1.0 - second, second], axis=1)
            else:
                found = self._several(scores, calibrators, places)
            found[(found > 1.0) & (found <= 1.0 + 1e-5)] = 1.0
            total = total + found
        return total / len(self._members)

    def _several(self, scores: Any, calibrators: list[Any], places: list[int]) -> Any:
        found = np.zeros((len(scores), len(self._classes)))
        for place, column, calibrator in zip(places, scores.T, calibrators, strict=True):
            found[:, place] = calibrator.predict(column)
        total = found.sum(axis=1).reshape(-1, 1)
        equal = np.full_like(found, 1 / len(self._classes))
        return np.divide(found, total, out=equal, where=total != 0)


class Sigmoid:
    """The logistic function of a linear one.

    Args:
        slope: a number.
        intercept: a number.
    """

    def __init__(self, slope: float, intercept: float) -> None:
        self._slope, self._intercept = slope, intercept

    def predict(self, scores: Any) -> Any:
        """Return probabilities of shape (rows,)."""
        return expit(-(self._slope * scores + self._intercept))


class IsotonicRegression:
    """A function that is linear between points.

    Args:
        x: of the points.
        y: of the points.
        beyond: "clip" or "nan", for values out of the range of x.
    """

    def __init__(self, x: Any, y: Any, beyond: str) -> None:
        self._x, self._y, self._beyond = x, y, beyond

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,)."""
        found = numbers(table.reshape(-1, 1) if getattr(table, "ndim", 2) == 1 else table)
        return self.transform(found.reshape(-1))

    def transform(self, values: Any) -> Any:
        """Return values of shape (rows,)."""
        if self._beyond == "clip":
            values = np.clip(values, self._x[0], self._x[-1])
        found = np.interp(values, self._x, self._y)
        if self._beyond == "nan":
            found[(values < self._x[0]) | (values > self._x[-1])] = np.nan
        return found


class TransformedTargetRegressor:
    """A model of a transformed target.

    Args:
        model: node.
        function: the name of NumPy's function that transforms back, or "".
        steps: pairs that do: "add", "multiply", "subtract" or "divide", and an array.
        flat: whether the target has one dimension.
    """

    def __init__(
        self, model: Any, function: str, steps: list[tuple[str, Any]], *, flat: bool
    ) -> None:
        self._model, self._steps, self._flat = model, steps, flat
        self._function = getattr(np, function) if function else None

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,) or (rows, outputs)."""
        found = self._model.predict(table)
        found = found.reshape(-1, 1) if found.ndim == 1 else found
        if self._function is not None:
            with np.errstate(all="ignore"):
                found = self._function(numbers(found))
        for name, values in self._steps:
            found = getattr(np, name)(numbers(found, missing=True), values)
        return found[:, 0] if self._flat and found.shape[1] == 1 else found


class Threshold:
    """A classifier with another threshold for its second class.

    Args:
        model: node.
        method: "predict_proba" or "decision_function".
        threshold: the lowest score of the second class.
        classes: two labels.
    """

    def __init__(self, model: Any, method: str, threshold: float, classes: Any) -> None:
        self._model, self._method = model, method
        self._threshold, self._classes = threshold, classes

    def predict(self, table: Any) -> Any:
        """Return the labels."""
        scores = getattr(self._model, self._method)(table)
        scores = scores[:, 1] if scores.ndim > 1 else scores
        return self._classes[(scores >= self._threshold).astype(int)]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        return self._model.predict_proba(table)

    def decision_function(self, table: Any) -> Any:
        """Return the classifier's decision values."""
        return self._model.decision_function(table)

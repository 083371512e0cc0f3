"""Neural networks of dense layers."""

from typing import Any

import numpy as np

from endpoint.compiled.functions import expit, softmax
from endpoint.compiled.sparse import dot


def _relu(values: Any) -> Any:
    return np.maximum(values, 0)


def _identity(values: Any) -> Any:
    return values


_ACTIVATIONS: dict[str, Any] = {
    "relu": _relu,
    "identity": _identity,
    "tanh": np.tanh,
    "logistic": expit,
    "softmax": softmax,
    "exp": np.exp,
}


class MLPRegressor:
    """Layers one after the other.

    Args:
        weights: of each layer, of shape (inputs, outputs).
        intercepts: of each layer.
        hidden: the function after each layer but the last: "relu", "identity", "tanh" or
            "logistic".
        last: that after the last one: one of these, "softmax" or "exp".
    """

    def __init__(self, weights: list[Any], intercepts: list[Any], hidden: str, last: str) -> None:
        self._layers = list(zip(weights, intercepts, strict=True))
        self._hidden, self._last = _ACTIVATIONS[hidden], _ACTIVATIONS[last]

    def _outputs(self, table: Any) -> Any:
        found: Any = None
        with np.errstate(over="ignore", invalid="ignore"):
            for number, (weights, intercept) in enumerate(self._layers):
                found = found @ weights if number else dot(table, weights)
                found += intercept
                last = number == len(self._layers) - 1
                found = (self._last if last else self._hidden)(found)
        return found

    def predict(self, table: Any) -> Any:
        """Return values of shape (rows,) or (rows, outputs)."""
        found = self._outputs(table)
        return found.reshape(-1) if found.shape[1] == 1 else found


class MLPClassifier(MLPRegressor):
    """Layers one after the other, the last of which gives probabilities.

    Args:
        classes: the labels.
        multilabel: whether a row has any number of labels.
        others: of `MLPRegressor`.
    """

    def __init__(self, classes: Any, *, multilabel: bool, **others: Any) -> None:
        super().__init__(**others)
        self._classes, self._multilabel = classes, multilabel

    def predict(self, table: Any) -> Any:
        """Return labels of shape (rows,), or 0 and 1 of shape (rows, labels)."""
        found = self._outputs(table)
        if self._multilabel:
            return (found > 0.5).astype(int)  # noqa: PLR2004
        if found.shape[1] == 1:
            return self._classes[(found[:, 0] > 0.5).astype(int)]  # noqa: PLR2004
        return self._classes[found.argmax(axis=1)]

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes)."""
        found = self._outputs(table)
        return np.concatenate([1 - found, found], axis=1) if found.shape[1] == 1 else found

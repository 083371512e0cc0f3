"""The interface of models for the handler, independent of the framework."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from endpoint.rows import Rows

Facts = dict[str, Any]
"""The content of model.json."""
Answer = dict[str, Any]
"""The prediction of one row."""


class Predictor(Protocol):
    """A loaded model."""

    def predict(self, rows: Rows) -> list[Answer]:
        """Predict all rows, checked and in the order of training, in one vectorised call."""
        ...


Load = Callable[[Path, Facts], Predictor]
"""Loads a model from its file and the facts of model.json."""

"""Models that ignore their input."""

from typing import Any

import numpy as np


class DummyRegressor:
    """The same values for each row.

    Args:
        values: one per output.
    """

    def __init__(self, values: Any) -> None:
        self._values = values

    def predict(self, table: Any) -> Any:
        """Return labels or values of shape (rows,) or (rows, outputs)."""
        found = np.tile(self._values, (len(table), 1))
        return found.reshape(-1) if found.shape[1] == 1 else found


class DummyClassifier(DummyRegressor):
    """The same labels and probabilities for each row.

    Args:
        values: a label per output.
        probabilities: of the classes of each output.
    """

    def __init__(self, values: Any, probabilities: list[Any]) -> None:
        super().__init__(values)
        self._probabilities = probabilities

    def predict_proba(self, table: Any) -> Any:
        """Return probabilities of shape (rows, classes), or a list of them."""
        found = [np.tile(one, (len(table), 1)) for one in self._probabilities]
        return found[0] if len(found) == 1 else found

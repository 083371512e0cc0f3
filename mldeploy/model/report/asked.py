"""A fitted estimator behind the user's hook, with some rows to ask it with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mldeploy.model.measures.measuring import array_of


@dataclass(frozen=True)
class Asked:
    """An estimator that takes rows in the form of requests.

    Attributes:
        estimator: fitted.
        preprocess: the user's hook, or None.
        task: of the estimator.
    """

    estimator: Any
    preprocess: Callable[[Any], Any] | None = None
    task: str = "classification"

    def predict(self, x: Any) -> Any:
        """Return the predictions as an array."""
        return array_of(self.estimator.predict(self._prepared(x)))

    def scores(self, x: Any) -> Any:
        """Return the probabilities, of shape (rows, classes), or else the predictions."""
        if hasattr(self.estimator, "predict_proba"):
            return array_of(self.estimator.predict_proba(self._prepared(x)))
        return self.predict(x)

    def _prepared(self, x: Any) -> Any:
        return x if self.preprocess is None else self.preprocess(x)


def sampled(rows: list[int], most: int) -> list[int]:
    """Return at most so many of the rows, evenly spread, in their order."""
    if len(rows) <= most:
        return list(rows)
    return [rows[number * len(rows) // most] for number in range(most)]

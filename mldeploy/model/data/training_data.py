"""The data that a model is trained on, as `data()` gave it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TrainingData:
    """What `data()` gave.

    Attributes:
        x: a 2-d array of shape (rows, columns), a pandas DataFrame, or a 1-d array of texts.
        y: an array of shape (rows,), or (rows, outputs), or None.
        feature_names: one a column, or None.
        class_names: one a class, in the order of the sorted classes, or None; of several outputs
            a sequence each.
        target_names: one an output, or None.
        sample_weight: one number per row for `fit`, or None.
        splitter: what splits the rows for cross-validation: a splitter of scikit-learn's or pairs
            of train and test indices; None for the usual one.
    """

    x: Any
    y: Any
    feature_names: tuple[str, ...] | None = None
    class_names: tuple[Any, ...] | None = None
    target_names: tuple[str, ...] | None = None
    sample_weight: Any = None
    splitter: Any = None

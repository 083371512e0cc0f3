"""The training data of `data()`."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TrainingData:
    """The result of `data()`.

    Attributes:
        x: a 2-d array of shape (rows, columns), a pandas DataFrame, or a 1-d array of texts.
        y: an array of shape (rows,), or (rows, outputs), or None.
        feature_names: one per column, or None.
        class_names: one per class, in the order of the sorted classes, or None; for several outputs
            one sequence per output.
        target_names: one per output, or None.
        sample_weight: one number per row for `fit`, or None.
        splitter: for cross-validation: a scikit-learn splitter or pairs of train and test
            indices; None for the default.
    """

    x: Any
    y: Any
    feature_names: tuple[str, ...] | None = None
    class_names: tuple[Any, ...] | None = None
    target_names: tuple[str, ...] | None = None
    sample_weight: Any = None
    splitter: Any = None

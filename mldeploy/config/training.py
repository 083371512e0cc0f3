"""How a model is evaluated and fitted, and what of its data is published."""

from dataclasses import dataclass
from typing import Literal

FOLDS = (2, 20)
HELD_OUT = (0.01, 0.5)

Refit = Literal["holdout", "all"]
Publish = bool | tuple[str, ...] | None
"""Columns whose values are listed; True for all, False for none, None for the few and frequent."""


@dataclass(frozen=True)
class TrainingConfig:
    """How a model is evaluated, and on which rows the one that ships is fitted.

    Attributes:
        cv: folds of the cross-validation, 2 to 20; 0 for none.
        holdout: the share of the rows that is held out, 0.01 to 0.5; 0 for none.
        refit: "holdout" ships the model that was fitted on the rows that aren't held out;
            "all" fits it once more, on every row, after measuring.
    """

    cv: int = 5
    holdout: float = 0.2
    refit: Refit = "holdout"

"""A small project, what is asked of its endpoint, and what is right."""

from dataclasses import dataclass, field
from typing import Any

PRELUDE = """\
import numpy as np
import pandas as pd

A = np.random.default_rng(0).normal(size=(120, 3))
POSITIVE = (A[:, 0] > 0).astype(int)


"""
"""Before each train module."""


@dataclass(frozen=True)
class Case:
    """A project whose endpoint answers as its estimator does, or that is refused.

    Attributes:
        name: what it is about.
        train: the train module's source, after `PRELUDE`; `strangers()`, if it has one, returns
            rows beside those of `data()`, in the same form.
        files: further files of the project, by name.
        settings: lines of mldeploy.toml, from a new table on.
        refused: the code of the refusal; "" where the model is served.
        says: words that the refusal, or a served model's training, must have on stderr.
        task: of the model.
        problems: payload -> words of the 422 that it must get.
        answers: payload -> what the answer of its (first) row must contain.
        measured: whether it is measured, too: held out and in folds.
    """

    name: str
    train: str
    files: dict[str, str] = field(default_factory=dict)
    settings: str = ""
    refused: str = ""
    says: tuple[str, ...] = ()
    task: str = "classification"
    problems: tuple[tuple[Any, str], ...] = ()
    answers: tuple[tuple[Any, dict[str, Any]], ...] = ()
    measured: bool = False

    def __str__(self) -> str:
        """Name the test."""
        return self.name

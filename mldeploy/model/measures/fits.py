"""The fits of an evaluation: which are made, on which rows, and how each runs."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from mldeploy.config import TrainingConfig
from mldeploy.events import Emit, Failed, Finished, Note, Started
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.measures.measuring import reason_of
from mldeploy.model.measures.metrics import METRICS
from mldeploy.model.measures.splits import Folds, folds_of, held_out_split, part_of
from mldeploy.model.measures.weights import fit

Make = Callable[[], Any]


@dataclass(frozen=True)
class Around:
    """What surrounds the fits.

    Attributes:
        fits: returns the context of a fit: where its parallel tasks run.
        keep: receives the served estimator before it predicts, which may change it: some keep
            what they were asked, and a user's own class may do anything.
    """

    fits: Callable[[], AbstractContextManager[None]] = nullcontext
    keep: Callable[[Any], None] = lambda _estimator: None


@dataclass(frozen=True)
class FitPlan:
    """The fits to make.

    Attributes:
        train: the rows that aren't held out.
        test: the held-out rows.
        folds: of the cross-validation.
        trial: whether a model is fitted on `train`.
        final: whether one is fitted on all rows, which is then the served one.
    """

    train: list[int]
    test: list[int]
    folds: Folds
    trial: bool
    final: bool

    @property
    def fits(self) -> int:
        """How many there are."""
        return self.trial + self.final + len(self.folds.pairs)


@dataclass(frozen=True)
class FitRun:
    """The inputs of all fits. `total`: number of fits."""

    make: Make
    data: TrainingData
    emit: Emit
    total: int
    around: Around

    def fitted(self, number: int, name: str, rows: list[int]) -> Any:
        """Fit a new estimator on some of the rows; report it, and how long it took."""
        return self.step(number, name, lambda: (self.fit(rows), ""))

    def fit(self, rows: list[int]) -> Any:
        """Fit a new estimator on some of the rows."""
        x, y, weights = part_of(self.data, rows)
        with self.around.fits():
            return fit(self.make(), x, y, weights)

    def step(self, number: int, name: str, work: Callable[[], tuple[Any, str]]) -> Any:
        """Run and report a fit: its work returns a result and a short text on it."""
        step = f"fit {number} of {self.total}: {name}"
        self.emit(Started(step))
        started = time.monotonic()
        try:
            found, text = work()
        except Exception as error:
            self.emit(Failed(step, reason_of(error)))
            raise
        self.emit(Finished(step, time.monotonic() - started, text))
        return found


def planned(data: TrainingData, task: str, settings: TrainingConfig) -> FitPlan:
    """Return the fits that the settings ask for."""
    train, test = held_out_split(data, task, settings.holdout)
    final = settings.refit == "all" or not test
    # A trial of what has no metrics would measure nothing.
    trial = bool(test) and (not final or (task in METRICS and data.y is not None))
    return FitPlan(train, test, folds_of(data, task, settings, train), trial, final)


def explain(
    plan: FitPlan, data: TrainingData, task: str, settings: TrainingConfig, emit: Emit
) -> None:
    """Emit notes on unexpected ways of evaluation."""
    measurable = task in METRICS and data.y is not None
    if plan.folds.note:
        emit(Note(plan.folds.note, "warning" if not plan.folds.pairs else "info"))
    if measurable and not plan.test and not plan.folds.pairs:
        asked = "[training] cv and holdout are 0" if not settings.cv else "no rows are held out"
        emit(Note(f"the model isn't measured: {asked}", "warning"))
    if data.splitter is not None and plan.folds.pairs and plan.test:
        text = (
            "cross-validation uses the cv of data() on all rows, but the held-out rows are drawn "
            "at random; set [training] holdout = 0 if rows depend on each other"
        )
        emit(Note(text))

"""Evaluates a model: held-out metrics, cross-validation, and a baseline."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from mldeploy.config import TrainingConfig
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Failed, Finished, Note, Started
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.measures.baseline import baseline_of
from mldeploy.model.measures.folds import Fold, reasons, scored, summary, values_of
from mldeploy.model.measures.measuring import Measured, measure, reason_of
from mldeploy.model.measures.metrics import METRICS, Metrics
from mldeploy.model.measures.search import candidates_of, search_facts
from mldeploy.model.measures.splits import (
    SEED,
    Folds,
    Pair,
    folds_of,
    held_out_split,
    part_of,
    require_fitting,
)
from mldeploy.model.measures.unseen import Unseen, unseen_of
from mldeploy.model.measures.weights import fit, weights_parameter
from mldeploy.model.tasks import served_of, task_of

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
class Evidence:
    """What a report shows in addition to the metrics.

    Attributes:
        unseen: predictions for rows that their model wasn't fitted on, if there are any.
        judged: an estimator, or None, and rows that it wasn't fitted on.
        folds: the values of each metric, by name, one per fold that defines it.
        candidates: of a search.
        made: the fitted estimator as the user made it, with the search if there is one.
    """

    unseen: Unseen | None = None
    judged: tuple[Any, list[int]] = (None, [])
    folds: dict[str, list[float]] = field(default_factory=dict)
    candidates: list[dict[str, Any]] = field(default_factory=list)
    made: Any = None


@dataclass(frozen=True)
class Evaluated:
    """A fitted estimator and its evaluation.

    Attributes:
        estimator: the served part of the fitted one.
        metrics: on the held-out rows, or the means of the cross-validation if none are held out;
            None for one that can't be computed.
        evaluation: cross-validation, baseline, and the sizes of the parts. It contains no times, so
            the facts of equal trainings are equal.
        held_out: the indices of the held-out rows.
        evidence: for a report.
    """

    estimator: Any
    metrics: Metrics
    evaluation: dict[str, Any] = field(repr=False)
    held_out: list[int] = field(repr=False)
    evidence: Evidence = field(default_factory=Evidence, repr=False)


@dataclass(frozen=True)
class _Plan:
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
        return self.trial + self.final + len(self.folds.pairs)


@dataclass(frozen=True)
class _Run:
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


def evaluate(  # noqa: PLR0913 - what to fit, on what, how, where
    make: Make,
    data: TrainingData,
    settings: TrainingConfig,
    emit: Emit,
    given: Any = None,
    *,
    around: Around | None = None,
) -> Evaluated:
    """Fit, evaluate and cross-validate a model.

    Args:
        make: returns a new unfitted estimator.
        data: the result of `data()`, prepared by the hooks.
        settings: [training].
        emit: receives a step per fit, and a warning for metrics that can't be computed.
        given: an estimator that was fitted elsewhere and is to be served. It may know all rows, so
            none are held out: only the folds, each with a new estimator, measure it.
        around: what surrounds the fits.

    Raises:
        MldeployError: MLD213 if y or the weights don't fit the estimator.
        Exception: of the fit of the served model.
    """
    first = make()
    task = task_of(first)
    if given is not None:
        settings = replace(settings, holdout=0.0)
    require_fitting(data, task, holdout=settings.holdout > 0)
    if data.sample_weight is not None:
        weights_parameter(first)
    plan = _planned(data, task, settings)
    plan = plan if given is None else replace(plan, final=False)
    run = _Run(make, data, emit, plan.fits, around or Around())
    _explain(plan, data, task, settings, emit)
    if given is not None:
        run.around.keep(given)
    fitted, trial, held_out = _models(run, plan, task)
    fitted = fitted if given is None else given
    folds, first_fold = _across(run, plan, task)
    judged = (served_of(trial), plan.test) if trial is not None else first_fold
    across = summary(folds)
    metrics = held_out.metrics if plan.test else {name: one["mean"] for name, one in across.items()}
    for text in reasons(held_out, folds):
        emit(Note(text, "warning"))
    facts = {
        "cross_validation": across,
        "baseline": baseline_of(
            data, task, [(plan.train, plan.test)] if plan.test else scored(folds)
        ),
        "rows": len(data.x),
        "held_out": len(plan.test),
        "seed": SEED,
        "fits": plan.fits,
        "refit": "given" if given is not None else "all" if plan.final else "holdout",
        **search_facts(fitted),
        **({"absolute_errors": dict(errors)} if (errors := held_out.absolute_errors) else {}),
    }
    evidence = Evidence(
        unseen_of(data.y, plan.test, held_out, folds),
        judged,
        values_of(folds),
        candidates_of(fitted),
        fitted,
    )
    return Evaluated(served_of(fitted), metrics, facts, plan.test, evidence)


def measured(
    estimator: Any, data: TrainingData, task: str, emit: Emit | None = None
) -> dict[str, Any]:
    """Return "metrics" and "evaluation" of an estimator that was fitted elsewhere.

    Which rows it was fitted on is unknown: nothing can be held out or cross-validated.
    """
    found = measure(estimator, data.x, data.y, task)
    for text in reasons(found, []) if emit else ():
        emit(Note(text, "warning"))  # type: ignore[misc]
    facts = {"cross_validation": {}, "baseline": {}, "rows": len(data.x), "source": "example"}
    return {"metrics": found.metrics, "evaluation": facts}


def _planned(data: TrainingData, task: str, settings: TrainingConfig) -> _Plan:
    train, test = held_out_split(data, task, settings.holdout)
    final = settings.refit == "all" or not test
    # A trial of what has no metrics would measure nothing.
    trial = bool(test) and (not final or (task in METRICS and data.y is not None))
    return _Plan(train, test, folds_of(data, task, settings, train), trial, final)


def _explain(
    plan: _Plan, data: TrainingData, task: str, settings: TrainingConfig, emit: Emit
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


def _measure(fitted: Any, data: TrainingData, rows: list[int], task: str) -> Measured:
    """Measure what is served of a fitted estimator."""
    x, y, _ = part_of(data, rows)
    return measure(served_of(fitted), x, y, task)


def _models(run: _Run, plan: _Plan, task: str) -> tuple[Any, Any, Measured]:
    """Return the fitted model that ships, the one that was measured, and its metrics.

    The second was fitted without the held-out rows; it is None if there is none.
    """
    count = len(run.data.x)
    fitted, trial, found = None, None, Measured()
    if plan.trial:
        try:
            fitted = trial = run.fitted(1, f"{len(plan.train)} of {count} rows", plan.train)
            if not plan.final:
                run.around.keep(served_of(fitted))
            found = _measure(fitted, run.data, plan.test, task)
        except Exception as error:
            if not plan.final or isinstance(error, MldeployError):
                raise
            reason = f"the fit without the held-out rows failed: {reason_of(error)}"
            names = METRICS[task]
            found = Measured(dict.fromkeys(names), dict.fromkeys(names, reason))
    if plan.final:
        fitted = run.fitted(1 + plan.trial, f"all {count} rows", list(range(count)))
        run.around.keep(served_of(fitted))
    return fitted, trial, found


def _across(run: _Run, plan: _Plan, task: str) -> tuple[list[Fold], tuple[Any, list[int]]]:
    """Fit and measure each fold; one that fails stops nothing.

    Also returns the first fold's estimator, with the rows that it was measured on.
    """
    count = len(plan.folds.pairs)
    first = 1 + plan.trial + plan.final
    kept: list[tuple[Any, list[int]]] = []

    def work(pair: Pair) -> tuple[Measured, str]:
        fitted = run.fit(pair[0])
        if not kept:
            kept.append((served_of(fitted), pair[1]))
        found = _measure(fitted, run.data, pair[1], task)
        known = [(name, value) for name, value in found.metrics.items() if value is not None]
        return found, f"{known[0][0]} {known[0][1]:.4f}" if known else ""

    folds = []
    for number, pair in enumerate(plan.folds.pairs):
        name = f"fold {number + 1} of {count}"
        try:
            found = run.step(first + number, name, lambda pair=pair: work(pair))  # type: ignore[misc]
            folds.append(Fold(pair, found))
        except MldeployError:
            raise  # of an engine, not of the estimator
        except Exception as error:  # noqa: BLE001 - a fold never stops a model that fits
            folds.append(Fold(pair, failure=reason_of(error)))
    return folds, kept[0] if kept else (None, [])

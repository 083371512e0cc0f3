"""Evaluates a model: held-out metrics, cross-validation, and a baseline."""

from dataclasses import dataclass, field, replace
from typing import Any

from mldeploy.config import TrainingConfig
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.measures.baseline import baseline_of
from mldeploy.model.measures.fits import Around, FitPlan, FitRun, Make, explain, planned
from mldeploy.model.measures.folds import Fold, reasons, scored, summary, values_of
from mldeploy.model.measures.measuring import Measured, measure, reason_of
from mldeploy.model.measures.metrics import METRICS, Metrics
from mldeploy.model.measures.search import candidates_of, search_facts
from mldeploy.model.measures.splits import SEED, Pair, part_of, require_fitting
from mldeploy.model.measures.unseen import Unseen, unseen_of
from mldeploy.model.measures.weights import weights_parameter
from mldeploy.model.sequential import sequential
from mldeploy.model.tasks import served_of, task_of


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
    plan = planned(data, task, settings)
    plan = plan if given is None else replace(plan, final=False)
    run = FitRun(make, data, emit, plan.fits, around or Around())
    explain(plan, data, task, settings, emit)
    fitted, trial, held_out = _models(run, plan, task, given)
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


def _measure(fitted: Any, data: TrainingData, rows: list[int], task: str) -> Measured:
    """Measure what is served of a fitted estimator."""
    x, y, _ = part_of(data, rows)
    with sequential():
        return measure(served_of(fitted), x, y, task)


def _models(run: FitRun, plan: FitPlan, task: str, given: Any) -> tuple[Any, Any, Measured]:
    """Return the fitted model that ships, the one that was measured, and its metrics.

    The second was fitted without the held-out rows; it is None if there is none.
    """
    if given is not None:
        run.around.keep(served_of(given))
        return given, None, Measured()
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


def _across(run: FitRun, plan: FitPlan, task: str) -> tuple[list[Fold], tuple[Any, list[int]]]:
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

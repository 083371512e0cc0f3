"""Predicts with a fitted model for its signature and its expected predictions.

Causes of different predictions by the endpoint are detected here, where the estimator and its
data are available: the index, randomness, and state that a pickle loses.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.data.columns import Feature
from mldeploy.model.data.publishing import Wish
from mldeploy.model.data.sampling import proof_rows
from mldeploy.model.data.signature import signature_of
from mldeploy.model.data.training_data import TrainingData
from mldeploy.model.fitted import Fitted
from mldeploy.model.frameworks.sklearn.labels import labels_of
from mldeploy.model.hooks import Hooks
from mldeploy.model.proof.answers import answers_of
from mldeploy.model.proof.comparing import compare, scales_of
from mldeploy.model.proof.outputs import Outputs, ask, chosen, with_method
from mldeploy.model.proof.results import method_of
from mldeploy.model.proof.truth import Truth, truth_of
from mldeploy.model.record import described, examples_facts
from mldeploy.model.tasks import task_of
from mldeploy.model.user_module import fitting

_NOISE = 1e-6

Facts = dict[str, Any]


def asked(  # noqa: PLR0913, PLR0917 - all that training knows
    fitted: Fitted,
    reloaded: Any,
    data: TrainingData,
    prepared: TrainingData,
    features: list[Feature],
    hooks: Hooks,
    path: Path,
    wish: Wish | None = None,
) -> Facts:
    """Return signature, examples and expected predictions of a fitted model.

    Args:
        fitted: the model.
        reloaded: the estimator loaded from its pickle.
        data: in the form of requests.
        prepared: that the model was fitted on.
        features: the data's columns.
        hooks: the user's hooks.
        path: of the train module, whose lines an error shows.
        wish: the user's settings for published values.

    Raises:
        MldeployError: MLD214 to MLD216, MLD224.
    """
    estimator, task = fitted.estimator, task_of(fitted.estimator)
    rows = proof_rows(data.x, data.y, list(fitted.held_out))
    x = chosen(prepared.x, rows)
    found = fitting(lambda: ask(estimator, x, task), path, "answer")
    signature = signature_of(data, prepared.x, features, estimator, task, found, wish)
    method = method_of(signature.facts, found)
    found = with_method(found, method)
    answered = hooks.answered if hooks.postprocess else None

    def proven() -> Truth:
        require_repeatable(estimator, reloaded, x, found, signature.facts)
        return truth_of(estimator, data.x, prepared.x, rows, signature.facts, found, answered)

    truth = fitting(proven, path, "answer")
    return {
        "signature": signature.facts,
        "columns": signature.columns,
        "model": {
            "estimator": described(estimator),
            "scores": method,
            "labels": labels_of(estimator, found, signature.facts),
        },
        "examples": examples_facts(signature.examples, signature.facts, wish),
        "truth": truth.as_facts(),
        "dtypes": dtypes_of(data.x),
        "loaded": sorted({name.partition(".")[0] for name in sys.modules}),
    }


def dtypes_of(x: Any) -> list[str]:
    """Return the dtype of each column of a DataFrame, or the one of an array."""
    return [str(one) for one in x.dtypes] if hasattr(x, "dtypes") else [str(x.dtype)]


def require_repeatable(
    estimator: Any, reloaded: Any, x: Any, found: Outputs, signature: Facts
) -> None:
    """Refuse an estimator whose predictions depend on randomness, X's index, or lost state.

    Args:
        estimator: fitted.
        reloaded: loaded from its pickle.
        x: rows.
        found: its predictions for them.
        signature: names of the predictions.

    Raises:
        MldeployError: MLD224.
    """
    expected = answers_of(found, signature)

    def other(asked: Any, rows: Any) -> str:
        """Return the first difference from the expected predictions, or ""."""
        again = ask(asked, rows, signature["task"], found.method)
        return _other(expected, answers_of(again, signature))

    if difference := other(estimator, x):
        raise MldeployError(
            "MLD224",
            f"the estimator gives different predictions for the same rows: {difference}",
            "set random_state, or remove what depends on chance or on the clock",
        )
    if difference := other(reloaded, x):
        raise MldeployError(
            "MLD224",
            f"the reloaded estimator gives different predictions: {difference}",
            "check __getstate__, __reduce__ and class attributes: its pickle loses state",
        )
    if hasattr(x, "reset_index"):
        _require_no_index(lambda: other(estimator, x.reset_index(drop=True)))


def require_same(own: Outputs, estimator: Any, x: Any, signature: Facts) -> None:
    """Refuse an estimator that predicts something else than where it comes from.

    Args:
        own: its predictions in the process that handed it over.
        estimator: as this process read it.
        x: the rows.
        signature: names of the predictions.

    Raises:
        MldeployError: MLD224.
    """
    expected = answers_of(own, signature)
    found = ask(estimator, x, signature["task"], own.method)
    if difference := _other(expected, answers_of(found, signature)):
        raise MldeployError(
            "MLD224",
            "another process reads the estimator from its pickle and gets different predictions: "
            f"{difference}",
            "check __getstate__, __reduce__ and class attributes: its pickle loses state",
        )


def _require_no_index(without: Callable[[], str]) -> None:
    try:
        difference = without()
    except Exception as error:  # noqa: BLE001 - a look-up by the index fails in any way
        difference = f"{type(error).__name__}: {error}"
    if difference:
        raise MldeployError(
            "MLD224",
            f"the estimator uses the index of X, which requests don't have: {difference}",
            "convert it to a column in data(): X = X.reset_index()",
        )


def _other(expected: list[Any], found: list[Any]) -> str:
    """Return the first difference of two lists of predictions, with its row, or ""."""
    scales = scales_of(expected)
    for row, (one, other) in enumerate(zip(expected, found, strict=True)):
        differences = compare(one, other, _NOISE, scales).differences
        if differences:
            return f"row {row}: {differences[0]}"
    return ""

"""The expected predictions of a model: those of the fitted estimator for rows of `data()`.

Rows keep their dtypes and their index. They are predicted together, as a batch, and each alone,
because requests come in both forms. The clean process then sends the same rows to the endpoint
(`proof.py`), and the golden file contains these predictions.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.data.sampling import GOLDEN_ROWS
from mldeploy.model.data.signature import rows_as_json
from mldeploy.model.proof.answers import Answer, answers_of
from mldeploy.model.proof.comparing import compare, scales_of
from mldeploy.model.proof.outputs import Outputs, chosen, one_by_one

_SECONDS_ALONE = 3.0
"""Seconds for predicting rows alone; at least the golden rows are always predicted."""
_MOST_NOISE = 1e-6
_LEAST_NOISE = 1e-12


@dataclass(frozen=True)
class Truth:
    """The fitted estimator's predictions.

    Attributes:
        inputs: the rows in the form of requests, the golden ones first.
        together: a prediction per row, of all rows in one batch.
        alone: a prediction per row of the first rows, each predicted alone.
        noise: the largest relative difference between numbers of the two: between 1e-12, for
            BLAS's differences between one row and many, and 1e-6.
        postprocessed: whether the user's `postprocess` returned the predictions.
        more: further golden examples: inputs, and their predictions.
    """

    inputs: list[list[Any]]
    together: list[Answer]
    alone: list[Answer]
    noise: float = _LEAST_NOISE
    postprocessed: bool = False
    more: tuple[Sequence[list[Any]], Sequence[Answer]] = ((), ())

    @property
    def golden(self) -> int:
        """The number of rows that are golden examples."""
        return min(GOLDEN_ROWS, len(self.inputs))

    def as_facts(self) -> dict[str, Any]:
        """Return it as data, for the parent process."""
        return asdict(self)


def truth_of(  # noqa: PLR0913, PLR0917 - each is another kind of fact
    estimator: Any,
    raw: Any,
    prepared: Any,
    rows: list[int],
    signature: dict[str, Any],
    found: Outputs,
    postprocess: Callable[[list[Answer]], list[Answer]] | None = None,
) -> Truth:
    """Return the estimator's predictions for some rows.

    Args:
        estimator: fitted.
        raw: X from `data()`, in the form of requests.
        prepared: X that the estimator was fitted on; differs from raw with a `preprocess` hook.
        rows: indices of the rows, the golden ones first.
        signature: names of the predictions.
        found: its outputs for these rows together, from `outputs.ask`.
        postprocess: the user's hook, or None.

    Raises:
        MldeployError: MLD224 if a row's prediction differs alone and among others.
    """
    x, task = chosen(prepared, rows), signature["task"]
    together = answers_of(found, signature)
    singles = one_by_one(estimator, x, task, found.method, alone_long_enough())
    alone = [answers_of(one, signature)[0] for one in singles]
    noise = noise_of(together, alone, _MOST_NOISE, tied=_tied)
    if postprocess:
        together, alone = postprocess(together), [postprocess([one])[0] for one in alone]
    inputs = rows_as_json(raw, rows)
    return Truth(inputs, together, alone, noise, postprocess is not None)


def alone_long_enough() -> Callable[[int], bool]:
    """Return a function that returns whether a number of rows predicted alone is enough."""
    until = time.monotonic() + _SECONDS_ALONE
    return lambda count: count >= GOLDEN_ROWS and time.monotonic() > until


def noise_of(
    together: list[Answer],
    alone: list[Answer],
    most: float,
    *,
    tied: Callable[[Answer], bool] = lambda _answer: False,
) -> float:
    """Return the allowed relative difference between predictions of a row alone and in a batch.

    Args:
        together: predictions of rows in a batch.
        alone: of the first of them, each predicted alone.
        most: the largest difference that counts as noise.
        tied: whether scores are tied, so that the two may differ.

    Raises:
        MldeployError: MLD224 if they differ by more than noise.
    """
    largest, scales = 0.0, scales_of(together)
    for row, one in enumerate(alone):
        found = compare(together[row], one, most, scales)
        if found.differences and not tied(together[row]):
            raise MldeployError(
                "MLD224",
                f"the prediction for row {row} of the proof depends on the other rows: "
                f"{found.differences[0]}",
                "make each prediction independent of the other rows, because a request may "
                "contain one row or many",
            )
        largest = max(largest, found.largest)
    return max(min(largest * 2, most), _LEAST_NOISE)


def _tied(answer: Answer) -> bool:
    """Return whether two predictions are tied, so that the last bit decides the label."""
    if isinstance(answer.get("score"), float):
        return bool(abs(answer["score"]) < _MOST_NOISE)
    scores = answer.get("probabilities") or answer.get("decision_values") or {}
    known = sorted((one for one in scores.values() if one is not None), reverse=True)
    if len(known) == 1:
        return bool(abs(known[0]) < _MOST_NOISE)
    return len(known) > 1 and bool(known[0] - known[1] < _MOST_NOISE)

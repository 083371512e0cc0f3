"""The truth that a served model is held to: the fitted estimator, asked on the rows of `data()`.

Rows keep their dtypes and their index. They are asked together, as a batch, and each alone, for
requests come in both ways. The clean process then asks the endpoint for the same rows
(`proof.py`), and the golden file holds these answers.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.data.sampling import GOLDEN_ROWS
from mldeploy.model.data.signature import rows_as_json
from mldeploy.model.proof.answers import Answer, answers_of
from mldeploy.model.proof.comparing import compare, scales_of
from mldeploy.model.proof.outputs import Outputs, chosen, one_by_one

_SECONDS_ALONE = 3.0
"""Rows are asked alone for so long, but never fewer than the golden ones."""
_MOST_NOISE = 1e-6
_LEAST_NOISE = 1e-12


@dataclass(frozen=True)
class Truth:
    """What the fitted estimator answers.

    Attributes:
        inputs: the rows as a request holds them, the golden ones first.
        together: an answer per row, of all rows asked at once.
        alone: an answer per row of the first rows, each asked alone.
        noise: the largest relative difference between a number of the two: between 1e-12, for
            what BLAS does with one row and with many, and 1e-6.
        postprocessed: whether the user's `postprocess` made the answers.
    """

    inputs: list[list[Any]]
    together: list[Answer]
    alone: list[Answer]
    noise: float = _LEAST_NOISE
    postprocessed: bool = False

    @property
    def golden(self) -> int:
        """How many of the rows are golden examples."""
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
    """Ask the estimator for its answers to some rows.

    Args:
        estimator: fitted.
        raw: X as `data()` gave it, which requests bring.
        prepared: X as the estimator was fitted on it: other than raw with a `preprocess` hook.
        rows: which rows, the golden ones first.
        signature: what the answers are called.
        found: its answers to these rows together, as `outputs.ask` has them.
        postprocess: the user's hook, or None.

    Raises:
        MldeployError: MLD224 where one row alone isn't answered as it is among others.
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
    """Return what tells, given how many rows were asked alone, whether that is enough."""
    until = time.monotonic() + _SECONDS_ALONE
    return lambda count: count >= GOLDEN_ROWS and time.monotonic() > until


def noise_of(
    together: list[Answer],
    alone: list[Answer],
    most: float,
    *,
    tied: Callable[[Answer], bool] = lambda _answer: False,
) -> float:
    """Return the relative difference that a row's answers among others and alone may have.

    Args:
        together: answers of rows that were asked at once.
        alone: of the first of them, each asked alone.
        most: a larger difference is another answer.
        tied: whether the last bit decides an answer: then the two may differ.

    Raises:
        MldeployError: MLD224 where they are others, not the same with noise.
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
    """Return whether two answers are level, so that the last bit decides between labels."""
    if isinstance(answer.get("score"), float):
        return bool(abs(answer["score"]) < _MOST_NOISE)
    scores = answer.get("probabilities") or answer.get("decision_values") or {}
    known = sorted((one for one in scores.values() if one is not None), reverse=True)
    if len(known) == 1:
        return bool(abs(known[0]) < _MOST_NOISE)
    return len(known) > 1 and bool(known[0] - known[1] < _MOST_NOISE)

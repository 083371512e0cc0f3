"""Compares a model with a baseline that ignores the features."""

from collections.abc import Mapping
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.model.measures.metrics import is_better

_FLATTERING = frozenset({"f1_macro"})
"""Excluded: the baseline predicts only one class, so random guesses have a better macro F1."""
_ENOUGH = 30
"""Held-out rows. One of 24 is 4% of the accuracy; below about 30 a mean is hardly normal either."""


def useless(facts: Mapping[str, Any]) -> str:
    """Return a text with the numbers if no metric is better than the baseline's, else "".

    Args:
        facts: with "metrics" and "evaluation".
    """
    baseline = facts["evaluation"].get("baseline") or {}
    pairs = [
        (name, value, baseline[name])
        for name, value in facts["metrics"].items()
        if value is not None and baseline.get(name) is not None
    ]
    counted = [pair for pair in pairs if pair[0] not in _FLATTERING]
    if not counted or any(is_better(*pair) for pair in counted):
        return ""
    numbers = ", ".join(
        f"{name} {value:.4g} (baseline {base:.4g})" for name, value, base in counted
    )
    return f"the model is no better than a baseline that ignores the features: {numbers}"


def _is_evident(facts: Mapping[str, Any]) -> bool:
    """Return whether the rows are enough, or the model equals the baseline in everything."""
    known = facts["evaluation"]
    pairs = [(value, known["baseline"].get(name)) for name, value in facts["metrics"].items()]
    measured = known.get("held_out") or known["rows"]
    return measured >= _ENOUGH or all(value == base for value, base in pairs)


def require_useful(facts: Mapping[str, Any], emit: Emit, *, allow: bool) -> None:
    """Warn about a model that is no better than the baseline, or refuse it.

    With few held-out rows the result is random, so there is only a warning.

    Raises:
        MldeployError: MLD226 unless it is allowed.
    """
    text = useless(facts)
    if not text:
        return
    if not allow and _is_evident(facts):
        raise MldeployError(
            "MLD226",
            text,
            "check that y matches the rows of X and that the features are related to y; pass "
            "--allow-useless to accept the model",
        )
    emit(Note(text, "warning"))

"""Compare a client's answer with what the estimator itself says."""

import math
from typing import Any

from tests.clients.models import Model

_NEAR = 1e-9
"""Of a value's size: sums over other numbers of rows differ in the last digits."""


def problem(answer: dict[str, Any], model: Model, *, proba: bool) -> str | None:
    """Return what is wrong with an answer, or None.

    Args:
        answer: `{"predict": […], "proba": […]}` or `{"error": text}`.
        model: the model that was called.
        proba: whether the client gets probabilities, if the model has some.
    """
    if "error" in answer:
        return str(answer["error"])
    if not same(answer["predict"], model.predict):
        return f"predict: got {answer['predict']}, the estimator says {model.predict}"
    if not proba or model.proba is None:
        return None
    if "proba" not in answer:
        return "the answer has no probabilities"
    if not same(answer["proba"], model.proba):
        return f"predict_proba: got {answer['proba']}, the estimator says {model.proba}"
    return None


def same(got: Any, expected: Any) -> bool:
    """Tell whether values are equal, with their types: 1 isn't "1" and not true."""
    if isinstance(expected, list):
        same_length = isinstance(got, list) and len(got) == len(expected)
        return same_length and all(map(same, got, expected))
    if isinstance(expected, float):
        number = isinstance(got, int | float) and not isinstance(got, bool)
        return number and math.isclose(got, expected, rel_tol=_NEAR, abs_tol=_NEAR)
    return type(got) is type(expected) and bool(got == expected)

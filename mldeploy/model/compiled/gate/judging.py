"""Compares the outcomes of an estimator and of its compiled form. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mldeploy.model.compiled.gate.cases import Case, Outcome

TOLERANCE = 1e-9
"""The largest relative difference of a number, in proportion to the largest one of its row."""


@dataclass(frozen=True)
class Verdict:
    """The result of a comparison.

    Attributes:
        points: the count of values compared.
        largest: the largest relative difference.
        difference: the first difference, or "".
        row: its row in the case, or -1.
    """

    points: int = 0
    largest: float = 0.0
    difference: str = ""
    row: int = -1


def judged(
    case: Case, expected: list[Outcome], found: list[Outcome], tolerance: float = TOLERANCE
) -> Verdict:
    """Compare the outcomes of a case.

    Args:
        case: the question.
        expected: the estimator's outcomes, by method.
        found: those of the compiled form.
        tolerance: of numbers; 0 if they must be equal to the last bit.
    """
    outcomes = zip(case.methods, expected, found, strict=True)
    return _joined(_method(*one, tolerance) for one in outcomes)


def _joined(verdicts: Iterable[Verdict], points: int = 0) -> Verdict:
    """Return several verdicts as one, which ends with the first difference."""
    largest = 0.0
    for verdict in verdicts:
        points, largest = points + verdict.points, max(largest, verdict.largest)
        if verdict.difference:
            return Verdict(points, largest, verdict.difference, verdict.row)
    return Verdict(points, largest)


def _method(method: str, expected: Outcome, found: Outcome, tolerance: float) -> Verdict:
    if expected.raised != found.raised:
        row = min(set(expected.raised) ^ set(found.raised))
        ours = row not in expected.raised
        who, error = ("compiled form", found.error) if ours else ("estimator", expected.error)
        return Verdict(0, 0.0, f"{method}: only the {who} raises {error}", row)
    points = len(expected.raised)
    if len(expected.arrays) != len(found.arrays):
        return Verdict(points, 0.0, f"{method} has another count of outputs", 0)
    pairs = zip(expected.arrays, found.arrays, strict=True)
    return _joined((_arrays(method, *pair, tolerance) for pair in pairs), points)


def _arrays(method: str, expected: Any, found: Any, tolerance: float) -> Verdict:
    import numpy as np

    if expected.shape != found.shape:
        text = f"{method}: expected the shape {expected.shape}, got {found.shape}"
        return Verdict(0, 0.0, text, 0)
    if not len(expected):
        return Verdict()
    if expected.dtype.kind == "f":
        return _numbers(method, expected, found, tolerance)
    # JSON has one kind of text and one of integers.
    both = zip(expected.reshape(-1).tolist(), found.reshape(-1).tolist(), strict=True)
    equal = np.array([a == b or (a != a and b != b) for a, b in both])  # noqa: PLR0124 - NaN
    equal = equal.reshape(len(expected), -1).all(axis=1)
    if expected.dtype.kind in "biu" and found.dtype.kind not in "biu":
        equal[:] = False
    if equal.all():
        return Verdict(expected.size)
    row = int(np.argmin(equal))
    return Verdict(expected.size, 0.0, f"{method}: {_got(expected[row], found[row])}", row)


def _numbers(method: str, expected: Any, found: Any, tolerance: float) -> Verdict:
    import numpy as np

    one = expected.astype(np.float64).reshape(len(expected), -1)
    if found.dtype.kind not in "biuf":
        return Verdict(0, 0.0, f"{method}: {_got(expected[0], found[0])}", 0)
    other = found.astype(np.float64).reshape(len(expected), -1)
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        same = (one == other) | (np.isnan(one) & np.isnan(other))
        scale = np.maximum(np.abs(one), np.abs(other)).max(axis=1, keepdims=True)
        relative = np.where(same, 0.0, np.abs(one - other) / scale)
    relative[np.isnan(relative)] = np.inf
    largest = float(relative.max())
    if largest <= tolerance:
        return Verdict(expected.size, largest)
    row = int(np.argmax(relative.max(axis=1)))
    return Verdict(expected.size, 0.0, f"{method}: {_got(expected[row], found[row])}", row)


def _got(expected: Any, found: Any) -> str:
    return f"expected {_shown(expected)}, got {_shown(found)}"


def _shown(value: Any) -> str:
    text = repr(value.tolist() if hasattr(value, "tolist") else value)
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - a line of a terminal

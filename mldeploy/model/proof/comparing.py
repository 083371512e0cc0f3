"""Compares two predictions of the same rows. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

_SHARED = {"probabilities", "decision_values"}
"""Keys whose numbers share a scale: a probability of 1e-9 is as exact as one of 0.9."""

Scales = dict[str, float]


@dataclass
class Compared:
    """The result of a comparison.

    Attributes:
        differences: one line each, "where: expected this, got that".
        largest: the largest relative difference of numbers that count as equal.
    """

    differences: list[str] = field(default_factory=list)
    largest: float = 0.0


def scales_of(answers: Iterable[Any]) -> Scales:
    """Return the largest number at each place of the predictions, the scale of differences."""
    found: Scales = {}
    for answer in answers:
        _measure(answer, "", found)
    return found


def _measure(value: Any, where: str, found: Scales) -> None:
    match value:
        case dict():
            for name, one in value.items():
                _measure(one, _path(where, name), found)
        case list():
            for one in value:
                _measure(one, where, found)
        case float():
            found[where] = max(found.get(where, 0.0), abs(value))


def _path(where: str, name: str) -> str:
    return where if where.rpartition(".")[2] in _SHARED else f"{where}.{name}".strip(".")


def compare(expected: Any, found: Any, tolerance: float, scales: Scales) -> Compared:
    """Compare two predictions: texts, labels and counts exactly, numbers within the tolerance.

    Args:
        expected: of the estimator.
        found: to compare.
        tolerance: relative to the scale of a number's place.
        scales: from `scales_of`.
    """
    result = Compared()
    _compare(expected, found, tolerance, scales, ("", ""), result)
    return result


def _compare(  # noqa: PLR0913, PLR0917 - a walk carries what it needs
    expected: Any,
    found: Any,
    tolerance: float,
    scales: Scales,
    where: tuple[str, str],
    result: Compared,
) -> None:
    """Walk both; `where` is the path of the scale, and the path for people."""
    path, shown = where
    match expected, found:
        case dict(), dict() if expected.keys() == found.keys():
            for name, one in expected.items():
                inner = (_path(path, name), f"{shown}.{name}".strip("."))
                _compare(one, found[name], tolerance, scales, inner, result)
            return
        case list(), list() if len(expected) == len(found):
            for one, other in zip(expected, found, strict=True):
                _compare(one, other, tolerance, scales, where, result)
            return
        case float(), float():
            scale = max(abs(expected), abs(found), scales.get(path, 0.0))
            difference = abs(expected - found) / scale if scale else 0.0
            if difference <= tolerance:
                result.largest = max(result.largest, difference)
                return
        case _ if type(expected) is type(found) and expected == found:
            return
    place = f"{shown}: " if shown else ""
    result.differences.append(f"{place}expected {_short(expected)}, got {_short(found)}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."  # noqa: PLR2004 - a line of a terminal

"""Nodes of compiled models, and why an estimator can't be compiled."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, eq=False)
class Node:
    """A step of a compiled model.

    Attributes:
        kind: "linear.LogisticRegression": the module in `endpoint.compiled`, and its class.
        arguments: of the class, by name: nodes, arrays, JSON values, and lists and dictionaries of
            them.
    """

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


class NotCompilableError(Exception):
    """Raised if an estimator has a class or an option that can't be compiled.

    Args:
        reason: "kernel is a function", without a period.
        step: the path of the step: "clf: SVC"; filled in by the converter.
    """

    def __init__(self, reason: str, step: str = "") -> None:
        super().__init__(f"{step}: {reason}" if step else reason)
        self.reason = reason
        self.step = step


def require(condition: object, reason: str) -> None:
    """Refuse to compile unless a condition holds.

    Raises:
        NotCompilableError: with the reason.
    """
    if not condition:
        raise NotCompilableError(reason)

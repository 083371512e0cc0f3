"""What a difference means: AWS lets in more than the file, or endangers what runs.

A field says it of itself: `field(default=(), metadata={RISK: more})`. Most differences are neither.
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import Field

WIDENS = "widens access"
ENDANGERS = "endangers the release"
RISK = "risk"
"""The key in a field's metadata."""

Risk = Callable[[Any, Any], str]
"""From a field's value in AWS and the wanted one to `WIDENS`, `ENDANGERS` or ""."""


def risk_of(field: "Field[Any]") -> Risk:
    """Return how a field's differences are judged."""
    found: Risk = field.metadata.get(RISK, _none)
    return found


def _none(_before: Any, _after: Any) -> str:
    return ""


def more(before: tuple[Any, ...], after: tuple[Any, ...]) -> str:
    """Judge a list of what is let in: anything that isn't wanted widens access."""
    return WIDENS if set(before) - set(after) else ""


def fewer_bounds(before: str | None, _after: str | None) -> str:
    """Judge a bound: its absence widens access."""
    return "" if before else WIDENS


def more_allowed(before: str, after: str) -> str:
    """Judge a policy document: a statement that isn't wanted widens access."""
    return WIDENS if _statements(before) - _statements(after) else ""


def endangers(before: object, _after: object) -> str:
    """Judge what mustn't be there at all, for what runs may stop running."""
    return ENDANGERS if before else ""


def protects(before: object, _after: object) -> str:
    """Judge what must be there, for what runs depends on it."""
    return "" if before else ENDANGERS


def _statements(policy: str) -> set[str]:
    found = json.loads(policy or "{}").get("Statement", [])
    # IAM's grammar takes a single statement without a list.
    listed = found if isinstance(found, list) else [found]
    return {json.dumps(one, sort_keys=True) for one in listed}

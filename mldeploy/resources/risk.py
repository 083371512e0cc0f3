"""The risk of a difference: it widens access, or endangers what is deployed.

A field declares it: `field(default=(), metadata={RISK: more})`. Most differences have no risk.
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
"""Maps a field's value in AWS and the desired one to `WIDENS`, `ENDANGERS` or ""."""


def risk_of(field: "Field[Any]") -> Risk:
    """Return the function that rates a field's differences."""
    found: Risk = field.metadata.get(RISK, _none)
    return found


def _none(_before: Any, _after: Any) -> str:
    return ""


def more(before: tuple[Any, ...], after: tuple[Any, ...]) -> str:
    """Rate a list of permitted access: an unwanted element widens access."""
    return WIDENS if set(before) - set(after) else ""


def fewer_bounds(before: str | None, _after: str | None) -> str:
    """Rate a boundary: its absence widens access."""
    return "" if before else WIDENS


def more_allowed(before: str, after: str) -> str:
    """Rate a policy document: an unwanted statement widens access."""
    return WIDENS if _statements(before) - _statements(after) else ""


def endangers(before: object, _after: object) -> str:
    """Rate a setting that must be absent, because it may break what is deployed."""
    return ENDANGERS if before else ""


def protects(before: object, _after: object) -> str:
    """Rate a setting that must be present, because what is deployed depends on it."""
    return "" if before else ENDANGERS


def _statements(policy: str) -> set[str]:
    found = json.loads(policy or "{}").get("Statement", [])
    # IAM's grammar allows a single statement without a list.
    listed = found if isinstance(found, list) else [found]
    return {json.dumps(one, sort_keys=True) for one in listed}

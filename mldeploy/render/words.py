"""The text of results for people, which each renderer shows in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mldeploy.plan.diff import Difference
    from mldeploy.plan.planned import PlannedChange

ACTIONS = ("create", "update", "delete")
PUBLIC = 'PUBLIC: anyone may call this API ([api] auth = "none")'
Rows = tuple[tuple[str, str], ...]
"""Labels and values."""


@dataclass(frozen=True)
class Words:
    """The text of a result.

    Attributes:
        text: on stdout; "" for nothing.
        notes: on stderr before it: sentences, and labels with values. With -o json only sentences
            are shown, because the result contains the values.
    """

    text: str = ""
    notes: tuple[str | Rows, ...] = ()


def counted(changes: Sequence[PlannedChange]) -> str:
    """Return the number of creations, updates and deletions of a plan, as a sentence."""
    numbers = [(action, sum(one.action == action for one in changes)) for action in ACTIONS]
    counts = ", ".join(f"{number} to {action}" for action, number in numbers if number)
    return f"Plan: {counts}." if counts else "No changes. AWS matches mldeploy.toml."


def described(difference: Difference) -> str:
    """Return a field's change, and the risk of its value in AWS."""
    before, after = difference.before or "(none)", difference.after or "(none)"
    mark = f"  ! AWS's value {difference.risk}" if difference.risk else ""
    return f"{difference.field}: {before} → {after}{mark}"


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of equal length as a table, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def size(count: int) -> str:
    """Return bytes in decimal units, such as kB and MB."""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:  # noqa: PLR2004 - the step between units
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.2f} GB"

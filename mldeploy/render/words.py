"""What people read of a result, which every renderer shows in its own way."""

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
    """What people read of a result.

    Attributes:
        text: on stdout; "" for nothing.
        notes: on stderr before it: sentences, and labels with values. With -o json only sentences
            are shown, for the values are in the result.
    """

    text: str = ""
    notes: tuple[str | Rows, ...] = ()


def counted(changes: Sequence[PlannedChange]) -> str:
    """Return how many resources a plan creates, updates and deletes, as a sentence."""
    numbers = [(action, sum(one.action == action for one in changes)) for action in ACTIONS]
    counts = ", ".join(f"{number} to {action}" for action, number in numbers if number)
    return f"Plan: {counts}." if counts else "No changes. AWS matches mldeploy.toml."


def described(difference: Difference) -> str:
    """Return one field's change, and what is dangerous about what AWS has now."""
    before, after = difference.before or "(none)", difference.after or "(none)"
    mark = f"  ! {difference.risk}" if difference.risk else ""
    return f"{difference.field}: {before} → {after}{mark}"


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of equal length as a table, each column as wide as its widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def size(count: int) -> str:
    """Return bytes as people write them, in units of 1,000."""
    value = float(count)
    for unit in ("B", "kB", "MB"):
        if value < 1000:  # noqa: PLR2004 - the step between units
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.2f} GB"

"""The words of a plan, which every renderer shows in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mldeploy.plan.diff import Difference, Plan

ACTIONS = ("create", "update", "delete")
PUBLIC = 'PUBLIC: anybody may call this API ([api] auth = "none")'


def counted(plan: Plan) -> str:
    """Return how many resources a plan creates, updates and deletes, as a sentence."""
    numbers = [(action, sum(one.action == action for one in plan.changes)) for action in ACTIONS]
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

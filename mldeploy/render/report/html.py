"""HTML from plain values; every text is escaped."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from mldeploy.text.redact import redact
from mldeploy.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def text(value: object) -> str:
    """Return a value as escaped text."""
    return escape(visible(redact(str(value))))


_NOTHING = 1e-14
"""Smaller results of sums of ordinary numbers are rounding errors."""


def number(value: Any, digits: int = 4) -> str:
    """Return a number as people write it; "-" for a missing one."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    if abs(value) < _NOTHING:
        value = 0.0
    if value and (abs(value) >= 1e6 or abs(value) < 1e-4):  # noqa: PLR2004 - wider than a column
        return f"{value:.{digits - 1}e}"
    whole = len(str(int(abs(value))))
    return f"{value:,.{max(0, digits - whole + 1)}f}"


def percent(value: float | None) -> str:
    """Return a share in percent."""
    return "-" if value is None else f"{value * 100:.1f} %"


def table(
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    kind: str = "",
    cell: Callable[[str], str] = "<td>{}</td>".format,
) -> str:
    """Return a table.

    Args:
        head: texts of the columns; empty for a table without a head.
        rows: of cells in HTML; the first of each heads the row.
        kind: the class of the table.
        cell: returns the element of a cell.
    """
    columns = "".join(f'<th scope="col">{text(one)}</th>' for one in head)
    lines = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(map(cell, rest))}</tr>' for first, *rest in rows
    )
    name = f' class="{kind}"' if kind else ""
    top = f"<thead><tr>{columns}</tr></thead>" if head else ""
    return f'<div class="wide"><table{name}>{top}<tbody>{lines}</tbody></table></div>'


def section(title: str, *parts: str, kind: str = "") -> str:
    """Return a section; nothing if it has no parts."""
    content = "".join(part for part in parts if part)
    name = f' class="{kind}"' if kind else ""
    return f"<section{name}><h2>{text(title)}</h2>{content}</section>" if content else ""


def note(words: str) -> str:
    """Return a paragraph in small print."""
    return f'<p class="note">{text(words)}</p>'


def beside(*parts: str) -> str:
    """Return parts beside each other if there is room."""
    content = "".join(f"<div>{one}</div>" for one in parts if one)
    return f'<div class="figures">{content}</div>' if content else ""


def figures(*drawn: str) -> str:
    """Return charts beside each other."""
    content = "".join(f"<figure>{one}</figure>" for one in drawn if one)
    return f'<div class="figures">{content}</div>' if content else ""


def bars(counts: Sequence[int], label: str) -> str:
    """Return a small histogram."""
    most = max(counts, default=0)
    if not most:
        return ""
    shapes = "".join(
        f'<rect x="{place * 8}" y="{20 - round(20 * one / most)}" width="7" '
        f'height="{round(20 * one / most)}"/>'
        for place, one in enumerate(counts)
    )
    return (
        f'<svg class="bars" viewBox="0 0 {len(counts) * 8} 20" role="img" '
        f'aria-label="{text(label)}">{shapes}</svg>'
    )

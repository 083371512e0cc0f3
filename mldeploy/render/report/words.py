"""Text of a written report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mldeploy.render.report.charts import MISSING
from mldeploy.render.words import Words

if TYPE_CHECKING:
    from mldeploy.render.report.writing import Reported


def report_words(found: Reported) -> Words:
    """Return the path of the page; on stderr that of the card, and how to get charts."""
    notes = [f"model card: {found.card}"]
    notes += [] if found.charts else [MISSING]
    notes += ["no browser could be started"] if found.opened is False else []
    return Words(found.report, tuple(notes))

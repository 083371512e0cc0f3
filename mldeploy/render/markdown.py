"""Renders a plan in Markdown for a pull request's comment; prose goes to stderr."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from mldeploy.render.plans import meaning_lines, where_rows
from mldeploy.render.unattended import Unattended
from mldeploy.render.words import PUBLIC, counted, described
from mldeploy.text.redact import redact
from mldeploy.text.visible import visible, visible_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mldeploy.errors import MldeployError
    from mldeploy.monitoring.results import Planned
    from mldeploy.monitoring.where import Where
    from mldeploy.plan.consequences import Consequences
    from mldeploy.plan.planned import PlannedChange
    from mldeploy.render.human import Human
    from mldeploy.render.words import Words

_SIGNS = {"create": "+", "update": "!", "delete": "-"}
"""Prefixes that GitHub and GitLab color in a block of the language `diff`."""
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~@&])")


class Markdown(Unattended):
    """Renders a plan as one document on stdout."""

    def __init__(self, prose: Human) -> None:
        super().__init__(prose)
        self._document = ""

    def show_plan(self, planned: Planned, meaning: Consequences | None = None) -> None:
        """Store it, because it is the result."""
        where, lines = planned.where, meaning_lines(meaning)
        warnings = [text for text, warning in lines if warning] + [PUBLIC] * planned.public
        facts = [text for text, warning in lines if not warning]
        sections = [
            f"### mldeploy: {_plain(where.project)}, stage {_plain(where.stage)}",
            "\n".join(["| place | |", "| --- | --- |", *_rows(where)]),
            f"**{_plain(counted(planned.changes))}**",
            _block("diff", [line for change in planned.changes for line in _lines(change)]),
            "\n".join(f"- **{_plain(text)}**" for text in warnings),
            _block("text", facts),
        ]
        self._document = "\n\n".join(one for one in sections if one)

    def result(self, result: object, words: Words) -> None:
        """Print the sentences, and write the document."""
        del result
        self.show(words)
        sys.stdout.write(visible(self._document) + "\n")
        sys.stdout.flush()

    def error(self, error: MldeployError) -> None:
        """Print it on stderr: a comment without a plan would look like one without changes."""
        self._prose.error(error)


def _rows(where: Where) -> Iterator[str]:
    for label, value in where_rows(where):
        yield f"| {label} | {_plain(value)} |"


def _lines(change: PlannedChange) -> Iterator[str]:
    sign = _SIGNS[change.action]
    yield f"{sign} {change.action} {change.kind} {change.name}"
    for one in change.differences:
        yield f"{sign}     {described(one)}"


def _plain(text: str) -> str:
    """Return a text escaped for Markdown, because names and notes may be untrusted."""
    return _MARKUP.sub(r"\\\1", visible_name(redact(text)))


def _block(language: str, lines: list[str]) -> str:
    """Return lines as a code block with a fence that none of them contains."""
    shown = [visible_name(redact(line)) for line in lines]
    ticks = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, ticks + 1)
    return "\n".join([f"{fence}{language}", *shown, fence]) if shown else ""

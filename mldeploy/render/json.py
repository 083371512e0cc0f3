"""JSON for scripts: one versioned envelope on stdout; prose stays on stderr."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from mldeploy.redact import redact
from mldeploy.visible import visible_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mldeploy.errors import MldeployError
    from mldeploy.events import Event
    from mldeploy.plan import Plan
    from mldeploy.render.base import Data, Lines
    from mldeploy.render.human import Human
    from mldeploy.where import Where

FORMAT = 1
"""Raised when a key changes its meaning or goes; new keys may come at any time."""


class Json:
    """Renders results and errors as JSON; never asks."""

    interactive = False

    def __init__(self, command: str, prose: Human) -> None:
        self._command = command
        self._prose = prose

    @property
    def phases(self) -> dict[str, float]:
        """Seconds of each step that has finished."""
        return self._prose.phases

    def on_event(self, event: Event) -> None:
        """Show progress to whoever reads stderr."""
        self._prose.on_event(event)

    def say(self, text: str) -> None:
        """Say a line of prose."""
        self._prose.say(text)

    def result(self, data: Data, text: str) -> None:
        """Write the envelope with the result."""
        del text
        self._write({"ok": True, "result": dict(data)})

    def show_plan(self, plan: Plan, *, where: Where, public: bool, lines: Lines = ()) -> None:
        """Show it on stderr; the result carries it as data."""
        self._prose.show_plan(plan, where=where, public=public, lines=lines)

    def table(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show nothing: the result carries it as data."""

    def ask(self, question: str, default: str) -> str:
        """Take the default."""
        del question
        return default

    def choose(self, question: str, choices: Sequence[str], default: str) -> str:
        """Take the default."""
        del question, choices
        return default

    def confirm(self, question: str) -> bool:
        """Agree to nothing."""
        del question
        return False

    def error(self, error: MldeployError) -> None:
        """Write the envelope with the error."""
        self._prose.close()
        self._write(
            {
                "ok": False,
                "error": {
                    "code": error.code,
                    "message": redact(error.message),
                    "hint": redact(error.hint),
                    "details": _details(error),
                    "exit_code": int(error.exit_code),
                },
            }
        )

    def _write(self, content: dict[str, Any]) -> None:
        envelope = {"format": FORMAT, "command": self._command, **content}
        text = json.dumps(envelope, allow_nan=False, ensure_ascii=False)
        sys.stdout.write(visible_json(text) + "\n")
        sys.stdout.flush()

    def close(self) -> None:
        """End what is moving on stderr."""
        self._prose.close()


def _details(error: MldeployError) -> dict[str, str]:
    """Return the details by label; a label that comes more than once has several lines."""
    found: dict[str, str] = {}
    for label, text in error.details:
        line = redact(text)
        found[label] = f"{found[label]}\n{line}" if label in found else line
    return found

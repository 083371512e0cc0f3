"""JSON for scripts: one versioned envelope on stdout; prose stays on stderr."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from mldeploy.render.unattended import Unattended
from mldeploy.text.redact import redact
from mldeploy.text.visible import visible_json

if TYPE_CHECKING:
    from mldeploy.errors import MldeployError
    from mldeploy.monitoring.where import Where
    from mldeploy.plan.diff import Plan
    from mldeploy.render.base import Data, Lines
    from mldeploy.render.human import Human

FORMAT = 1
"""Raised when a key changes its meaning or goes; new keys may come at any time."""


class Json(Unattended):
    """Renders results and errors as JSON; never asks."""

    def __init__(self, command: str, prose: Human) -> None:
        super().__init__(prose)
        self._command = command

    def result(self, data: Data, text: str) -> None:
        """Write the envelope with the result."""
        del text
        self._write({"ok": True, "result": dict(data)})

    def show_plan(self, plan: Plan, *, where: Where, public: bool, lines: Lines = ()) -> None:
        """Show it on stderr; the result carries it as data."""
        self._prose.show_plan(plan, where=where, public=public, lines=lines)

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


def _details(error: MldeployError) -> dict[str, str]:
    """Return the details by label; a label that comes more than once has several lines."""
    found: dict[str, str] = {}
    for label, text in error.details:
        line = redact(text)
        found[label] = f"{found[label]}\n{line}" if label in found else line
    return found

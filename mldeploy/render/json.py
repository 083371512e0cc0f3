"""Renders JSON for scripts: one versioned object on stdout, prose on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping  # noqa: TC003 - the schema is made of it
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mldeploy.render.unattended import Unattended
from mldeploy.text.data import as_data
from mldeploy.text.redact import redact
from mldeploy.text.visible import visible_json

if TYPE_CHECKING:
    from mldeploy.errors import MldeployError
    from mldeploy.monitoring.results import Planned
    from mldeploy.plan.consequences import Consequences
    from mldeploy.render.human import Human
    from mldeploy.render.words import Words

FORMAT = 1
"""Increased when a key changes its meaning or is removed; new keys may be added at any time."""


@dataclass(frozen=True)
class Failure:
    """An error.

    Attributes:
        code: stable, such as "MLD101"; docs/errors.md lists all.
        message: what happened, and why.
        hint: what to do next, or "".
        details: more, by label.
        exit_code: of the process.
    """

    code: str
    message: str
    hint: str
    details: Mapping[str, str]
    exit_code: int


class Json(Unattended):
    """Renders results and errors as JSON; never prompts."""

    def __init__(self, command: str, prose: Human) -> None:
        super().__init__(prose)
        self._command = command

    def result(self, result: object, words: Words) -> None:
        """Print the sentences, and write the object with the result."""
        self.show(words)
        self._write({"ok": True, "result": as_data(result)})

    def show_plan(self, planned: Planned, meaning: Consequences | None = None) -> None:
        """Show it on stderr; the result contains it as data."""
        self._prose.show_plan(planned, meaning)

    def error(self, error: MldeployError) -> None:
        """Write the object with the error."""
        self._prose.close()
        failure = Failure(
            error.code,
            redact(error.message),
            redact(error.hint),
            _details(error),
            int(error.exit_code),
        )
        self._write({"ok": False, "error": as_data(failure)})

    def _write(self, content: dict[str, Any]) -> None:
        envelope = {"format": FORMAT, "command": self._command, **content}
        text = json.dumps(envelope, allow_nan=False, ensure_ascii=False)
        sys.stdout.write(visible_json(text) + "\n")
        sys.stdout.flush()


def _details(error: MldeployError) -> dict[str, str]:
    """Return the details by label; a repeated label has several lines."""
    found: dict[str, str] = {}
    for label, text in error.details:
        line = redact(text)
        found[label] = f"{found[label]}\n{line}" if label in found else line
    return found

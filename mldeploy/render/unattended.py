"""Shared parts of renderers for scripts: prose goes to stderr, without prompts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mldeploy.events import Event
    from mldeploy.render.human import Human
    from mldeploy.render.words import Words


class Unattended:
    """Shows progress like `Human`, and reserves stdout for the result."""

    interactive = False

    def __init__(self, prose: Human) -> None:
        self._prose = prose

    @property
    def phases(self) -> dict[str, float]:
        """Seconds of each finished step."""
        return self._prose.phases

    def on_event(self, event: Event) -> None:
        """Show progress on stderr."""
        self._prose.on_event(event)

    def say(self, text: str) -> None:
        """Print a line of prose."""
        self._prose.say(text)

    def show(self, words: Words) -> None:
        """Print the sentences; the result contains the rest as data."""
        for note in words.notes:
            if isinstance(note, str):
                self.say(note)

    def ask(self, question: str, default: str) -> str:
        """Return the default."""
        del question
        return default

    def choose(self, question: str, choices: Sequence[str], default: str) -> str:
        """Return the default."""
        del question, choices
        return default

    def confirm(self, question: str) -> bool:
        """Return False."""
        del question
        return False

    def close(self) -> None:
        """End the progress display on stderr."""
        self._prose.close()

"""Prints the steps of a call of the library as plain lines, below a notebook's cell."""

from __future__ import annotations

import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mldeploy.render.human import Human, plain_console

if TYPE_CHECKING:
    from mldeploy.events import Event
    from mldeploy.render.words import Words


class Lines(Human):
    """Prints to stderr, or to stdout in a notebook, which shows stderr as if it were an error."""

    def __init__(self, *, quiet: bool = False) -> None:
        super().__init__()
        self._quiet = quiet

    @cached_property
    def _console(self) -> Any:
        stream = sys.stdout if "ipykernel" in sys.modules else sys.stderr
        # Rich's own output for notebooks is a table of HTML per line.
        return plain_console(file=stream, force_jupyter=False, force_terminal=False)

    @property
    def interactive(self) -> bool:
        """Whether it can ask questions: a library doesn't."""
        return False

    def on_event(self, event: Event) -> None:
        """Print a step that ends."""
        if not self._quiet:
            super().on_event(event)

    def show(self, words: Words) -> None:
        """Print the notes."""
        if not self._quiet:
            super().show(words)

    def say(self, text: str) -> None:
        """Print a line of prose."""
        if not self._quiet:
            super().say(text)

"""What a command may ask of a renderer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # Most commands print no plan, and none should pay for what a plan is made of.
    from collections.abc import Sequence

    from mldeploy.errors import MldeployError
    from mldeploy.events import Event
    from mldeploy.monitoring.results import Planned
    from mldeploy.plan.consequences import Consequences
    from mldeploy.render.words import Words


class Renderer(Protocol):
    """Results go to stdout, everything else to stderr."""

    @property
    def interactive(self) -> bool:
        """Whether a question may be asked: stdin and stderr are terminals."""
        ...

    @property
    def phases(self) -> dict[str, float]:
        """Seconds of each step that has finished."""
        ...

    def on_event(self, event: Event) -> None:
        """Take an event; it is the `emit` of everything below."""
        ...

    def say(self, text: str) -> None:
        """Say a line of prose."""
        ...

    def show(self, words: Words) -> None:
        """Show what people read of a part of the result, before the rest is done."""
        ...

    def result(self, result: object, words: Words) -> None:
        """Give the command's result: a frozen dataclass for scripts, its words for people.

        Once; a command that has no end (`logs --follow`) gives it piece by piece.
        """
        ...

    def show_plan(self, planned: Planned, meaning: Consequences | None = None) -> None:
        """Show where a plan goes, what would change, and what that means."""
        ...

    def ask(self, question: str, default: str) -> str:
        """Ask for a line of text, on a terminal only."""
        ...

    def choose(self, question: str, choices: Sequence[str], default: str) -> str:
        """Ask for one of the choices, on a terminal only."""
        ...

    def confirm(self, question: str) -> bool:
        """Ask for yes or no, on a terminal only; Enter means no."""
        ...

    def error(self, error: MldeployError) -> None:
        """Say what went wrong."""
        ...

    def close(self) -> None:
        """End what is moving on the screen."""
        ...

"""The interface of renderers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    # Most commands print no plan and shouldn't import what plans need.
    from collections.abc import Sequence

    from mldeploy.errors import MldeployError
    from mldeploy.events import Event
    from mldeploy.monitoring.results import Planned
    from mldeploy.plan.consequences import Consequences
    from mldeploy.render.words import Words


class Renderer(Protocol):
    """Writes results to stdout, everything else to stderr."""

    @property
    def interactive(self) -> bool:
        """Whether it can ask questions: stdin and stderr are terminals."""
        ...

    @property
    def phases(self) -> dict[str, float]:
        """Seconds of each finished step."""
        ...

    def on_event(self, event: Event) -> None:
        """Show an event; this is the `emit` of lower layers."""
        ...

    def say(self, text: str) -> None:
        """Print a line of prose."""
        ...

    def show(self, words: Words) -> None:
        """Show the text of a part of the result, before the rest is finished."""
        ...

    def result(self, result: object, words: Words) -> None:
        """Print the command's result: a frozen dataclass for scripts, or its text for people.

        Called once, or per part by a command without an end (`logs --follow`).
        """
        ...

    def show_plan(self, planned: Planned, meaning: Consequences | None = None) -> None:
        """Show a plan's place, its changes, and their consequences."""
        ...

    def ask(self, question: str, default: str) -> str:
        """Prompt for a line of text, on a terminal only."""
        ...

    def choose(self, question: str, choices: Sequence[str], default: str) -> str:
        """Prompt for one of the choices, on a terminal only."""
        ...

    def confirm(self, question: str) -> bool:
        """Prompt for yes or no, on a terminal only; Enter means no."""
        ...

    def error(self, error: MldeployError) -> None:
        """Print an error."""
        ...

    def close(self) -> None:
        """End the progress display."""
        ...

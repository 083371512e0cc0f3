"""Examples of commands, which `--help` shows and tests/cli/test_help_examples.py runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Story = TypeVar("Story", bound=Callable[..., Any])


@dataclass(frozen=True)
class Example:
    """A command line and what it is for.

    Attributes:
        says: what it does: begins with a verb, without a full stop.
        line: as a user types it into a shell.
    """

    says: str
    line: str


def examples(*pairs: tuple[str, str]) -> Callable[[Story], Story]:
    """Return a decorator of a command's function that gives it examples.

    Args:
        pairs: what each one does, and its command line.
    """

    def given(story: Story) -> Story:
        story.examples = tuple(Example(*pair) for pair in pairs)  # type: ignore[attr-defined]
        return story

    return given


def examples_of(function: object) -> tuple[Example, ...]:
    """Return the examples of a command's function, or of what Typer makes of it."""
    found: tuple[Example, ...] = getattr(function, "examples", ())
    return found

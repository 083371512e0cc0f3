"""Commands as tests run them: through their real entry, with -o json."""

from collections.abc import Callable
from typing import Any

Command = Callable[..., tuple[int, dict[str, Any]]]
"""Takes a command's arguments; returns its exit code and envelope."""


def changes(envelope: dict[str, Any]) -> list[str]:
    """Return a plan's changes as "create function"."""
    return [f"{one['action']} {one['kind']}" for one in envelope["result"]["changes"]]

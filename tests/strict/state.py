"""What the rules remember beside moto's own state."""

from dataclasses import dataclass, field
from typing import Any


@dataclass
class State:
    """The account's memory.

    Attributes:
        pending: reads of a function until it is Active.
        updating: reads of a function until its update is Successful.
        failed: functions that Lambda couldn't make.
        reads: how many reads a creation or an update takes.
        role_refusals: creations of a function that a new role is refused for.
        fresh_roles: refusals left, by role name.
        revisions: a counter for each function and alias.
        digests: the resolved image of each (function, version).
        logging: LoggingConfig of each function.
        policies: statements of each (function, qualifier).
    """

    pending: dict[str, int] = field(default_factory=dict)
    updating: dict[str, int] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    reads: int = 1
    role_refusals: int = 1
    fresh_roles: dict[str, int] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    digests: dict[tuple[str, str], str] = field(default_factory=dict)
    logging: dict[str, dict[str, Any]] = field(default_factory=dict)
    policies: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def revision(self, name: str) -> str:
        """Return the RevisionId of a function or an alias."""
        return f"{name}-{self.revisions.get(name, 0)}"

    def touch(self, name: str) -> None:
        """Change the RevisionId."""
        self.revisions[name] = self.revisions.get(name, 0) + 1

"""A plan for output: only the changes of resources."""

from dataclasses import dataclass

from mldeploy.plan.diff import Action, Difference, Plan


@dataclass(frozen=True)
class PlannedChange:
    """A change of a plan.

    Attributes:
        action: "create", "update" or "delete".
        kind: of resource, such as "function".
        name: of the resource.
        differences: field by field; empty except for updates.
    """

    action: Action
    kind: str
    name: str
    differences: tuple[Difference, ...]


def planned_changes(plan: Plan) -> tuple[PlannedChange, ...]:
    """Return a plan's changes in order."""
    return tuple(
        PlannedChange(one.action, one.subject.kind, one.subject.name, one.differences)
        for one in plan.changes
    )

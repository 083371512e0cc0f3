"""A plan as people and programs see it: nothing of a resource but what changes."""

from dataclasses import dataclass

from mldeploy.plan.diff import Action, Difference, Plan


@dataclass(frozen=True)
class PlannedChange:
    """One thing that a plan does.

    Attributes:
        action: "create", "update" or "delete".
        kind: of resource, such as "function".
        name: of the resource.
        differences: field by field; empty but for an update.
    """

    action: Action
    kind: str
    name: str
    differences: tuple[Difference, ...]


def planned_changes(plan: Plan) -> tuple[PlannedChange, ...]:
    """Return the changes of a plan, in its order."""
    return tuple(
        PlannedChange(one.action, one.subject.kind, one.subject.name, one.differences)
        for one in plan.changes
    )

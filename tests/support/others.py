"""Kinds that the commands' tests don't name, so that a new one changes none of their counts.

The contract in `tests/resources` claims of such a kind what there is to claim. The tests of the
commands name those that they tell the story of; of all others they derive from the list of kinds
what is to be seen. There are none today.
"""

from mldeploy.config import Config
from mldeploy.resources.kind import actions_of
from mldeploy.resources.kinds import KINDS, ORDER
from tests.support.stacks import config, stack_of

NAMED = frozenset(
    {
        *("log group", "repository", "image", "role", "function", "version", "alias", "http api"),
        *("provisioned concurrency", "schedule"),
    }
)
MOST_READS = 3
"""Of one resource, in a second deploy: itself, its tags, a part of it."""


def others(settings: Config | None = None, *, after: str = "") -> list[str]:
    """Return the kinds of the other resources of a stage, in the order of creation.

    Args:
        settings: of the stage; None for a project with one function.
        after: a kind, for those that come after it alone.
    """
    kinds = [one.kind for one in stack_of(settings or config()) if one.kind not in NAMED]
    return [one for one in kinds if not after or ORDER.index(one) > ORDER.index(after)]


def named(changes: list[str]) -> list[str]:
    """Return the changes, such as "create function", of the kinds that tests name."""
    return [one for one in changes if one.partition(" ")[2] in NAMED]


def unnamed(changes: list[str]) -> list[str]:
    """Return the changes of all other kinds."""
    return [one for one in changes if one.partition(" ")[2] not in NAMED]


def calls_of_others() -> set[str]:
    """Return the calls, such as "cloudwatch:DescribeAlarms", that only other kinds make."""
    theirs = {name for kind in KINDS if kind.kind not in NAMED for name in actions_of(kind)}
    return theirs - {name for kind in KINDS if kind.kind in NAMED for name in actions_of(kind)}

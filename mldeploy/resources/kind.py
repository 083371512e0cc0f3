"""What a kind of resource declares, and the data about a stage that it receives."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from mldeploy.aws.clients import Account
from mldeploy.config import Config
from mldeploy.config.batch import ROLE_SUFFIX
from mldeploy.resources.artifact import Artifact


class Phase(IntEnum):
    """When a kind's resources are created and updated. They are deleted in the reverse order."""

    INVENTORY = 0
    """Created first and deleted last: lists all functions that the stage has or had."""
    BEFORE_SHIFT = 1
    """Receives no traffic yet."""
    SHIFT = 2
    """Moves the traffic to a new release, which has been verified by then."""
    ROUTES = 3
    """Routes the traffic; moved back if the public URL doesn't serve the release."""
    AFTER_SHIFT = 4
    """Created after the public URL is checked, and deleted first: traffic doesn't need it."""


Condition = dict[str, dict[str, Any]]
"""In the form of an IAM policy: {operator: {key: value}}."""


def always(config: Config) -> Condition:
    """Return an empty condition."""
    del config
    return {}


@dataclass(frozen=True)
class Calls:
    """AWS calls, as a statement of the deployer's IAM policy.

    Attributes:
        actions: such as "events:PutRule".
        on: patterns of ARNs, in the formats of AWS's service authorization reference. `{region}` is
            the stage's; `{names}` the pattern of its functions' names, or of the whole project's
            for read-only actions; `{repository}` its ECR repository; `{role}` the ARN of its
            functions' role.
        name: of the statement; "" for the service's name.
        when: returns the condition; None if the settings need no such statement.
    """

    actions: tuple[str, ...]
    on: tuple[str, ...]
    name: str = ""
    when: Callable[[Config], Condition | None] = always


FUNCTIONS = ("arn:*:lambda:{region}:*:function:{names}",)
REPOSITORY = ("arn:*:ecr:{region}:*:repository/{repository}",)
LOG_GROUPS = ("arn:*:logs:{region}:*:log-group:/aws/lambda/{names}",)
ROLES = ("arn:*:iam::*:role/{names}",)
ANY = ("*",)
"""For calls without resource types in the service authorization reference."""


@dataclass(frozen=True)
class Stage:
    """What a kind derives its desired resources from.

    Attributes:
        config: of the stage.
        account: of the stage.
        artifact: its images.
        earlier: the desired resources of earlier kinds.
    """

    config: Config
    account: Account
    artifact: Artifact
    earlier: tuple[Any, ...] = ()

    def of_kind(self, kind: str) -> list[Any]:
        """Return the desired resources of an earlier kind; kinds don't import each other."""
        return [one for one in self.earlier if one.kind == kind]


@dataclass(frozen=True)
class Inventory:
    """What a kind derives the names of possibly existing resources from.

    Attributes:
        config: of the stage.
        account: of the stage.
        functions: the names of all functions that the stage desires, has or had.
        shared: whether the project has other stages, which share the project's resources.
    """

    config: Config
    account: Account
    functions: tuple[str, ...]
    shared: bool = False


def role_name(function: str, region: str) -> str:
    """Return a role's name, which contains the region because IAM is global."""
    return f"{function}_{region}"


def states_role_name(function: str, region: str) -> str:
    """Return the name of the role of the state machine that invokes a batch function."""
    return f"{role_name(function, region)}{ROLE_SUFFIX}"


def log_group_name(function: str) -> str:
    """Return a log group's name, which Lambda derives from the function's."""
    return f"/aws/lambda/{function}"


def actions_of(kind: Any) -> set[str]:
    """Return the IAM actions of all of a kind's calls."""
    return {action for calls in kind.calls for action in calls.actions}

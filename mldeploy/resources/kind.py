"""What a kind of resource declares, and what it gets to know of a stage."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from mldeploy.aws.clients import Account
from mldeploy.config import Config
from mldeploy.resources.artifact import Artifact


class Phase(IntEnum):
    """When a kind's resources are created and updated. They are deleted in the reverse order."""

    INVENTORY = 0
    """Created first and deleted last: the list of all functions that the stage has or had."""
    BEFORE_SHIFT = 1
    """Receives no traffic yet."""
    SHIFT = 2
    """Moves the traffic to a new release, which has been verified by then."""
    ROUTES = 3
    """Brings the traffic in; goes back if the public URL doesn't answer as the release should."""
    AFTER_SHIFT = 4
    """Waits until the public URL has answered, and is deleted first: traffic doesn't need it."""


Condition = dict[str, dict[str, Any]]
"""As in an IAM policy: {operator: {key: value}}."""


def always(config: Config) -> Condition:
    """Set no condition."""
    del config
    return {}


@dataclass(frozen=True)
class Calls:
    """Calls of AWS, as a statement of the deployer's IAM policy.

    Attributes:
        actions: such as "events:PutRule".
        on: patterns of ARNs, in the formats of AWS's service authorization reference. `{region}` is
            the stage's; `{names}` what the names of its functions look like, or those of the whole
            project for actions that only read; `{repository}` its ECR repository; `{role}` the ARN
            of its functions' role.
        name: of the statement; "" for the service's.
        when: the condition; None where these settings need no such statement.
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
"""Of calls that take no resource: the service authorization reference lists no type for them."""


@dataclass(frozen=True)
class Stage:
    """What a kind makes its desired resources from.

    Attributes:
        config: of the stage.
        account: where it is.
        artifact: its images.
        earlier: what the kinds that come earlier desire.
    """

    config: Config
    account: Account
    artifact: Artifact
    earlier: tuple[Any, ...] = ()

    def of_kind(self, kind: str) -> list[Any]:
        """Return the desired resources of an earlier kind; kinds don't import one another."""
        return [one for one in self.earlier if one.kind == kind]


@dataclass(frozen=True)
class Inventory:
    """What a kind names the resources from that may exist.

    Attributes:
        config: of the stage.
        account: where it is.
        functions: the names of all functions that the stage wants, has or had.
        shared: whether the project has other stages, which use what belongs to the project.
    """

    config: Config
    account: Account
    functions: tuple[str, ...]
    shared: bool = False


def role_name(function: str, region: str) -> str:
    """Return a role's name. IAM knows no regions, and two of them mustn't share a role."""
    return f"{function}_{region}"


def log_group_name(function: str) -> str:
    """Return a log group's name, which Lambda expects to follow the function's."""
    return f"/aws/lambda/{function}"


def actions_of(kind: Any) -> set[str]:
    """Return the IAM actions of all of a kind's calls."""
    return {action for calls in kind.calls for action in calls.actions}

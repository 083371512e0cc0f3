"""How a release goes live, and as whom the functions run: [deploy], [sign] and [role]."""

from dataclasses import dataclass
from typing import Annotated, Literal

from mldeploy.config.fields import Check, In, Spelt, Within
from mldeploy.config.limits import (
    CANARY_REQUESTS,
    KEEP,
    few,
    policy_arn,
    role_arn,
    seconds_of,
    share_of,
)
from mldeploy.config.secrets import kms_key
from mldeploy.config.texts import PolicyArn


@dataclass(frozen=True)
class DeployConfig:
    """How a new release gets its requests, and how many old ones stay.

    `canary` is a share, 0 to 1, and 0 for none.
    """

    keep: Annotated[
        int,
        "Versions of a function that are kept, with their images, to roll back to.",
        Within(KEEP, "versions"),
    ] = 5
    canary: Annotated[
        float,
        "The share of the requests that a new release gets first, such as 10%.",
        Spelt(str, None, share_of),
    ] = 0.0
    canary_seconds: Annotated[
        int,
        "How long a canary is watched before it gets all requests, such as 10m.",
        In("", "canary_for"),
        Spelt(str, "10m", seconds_of),
    ] = 600
    canary_requests: Annotated[
        int,
        "How many requests the new and the old release must each have got for a canary to decide.",
        Within(CANARY_REQUESTS, "requests"),
    ] = 50
    canary_inconclusive: Annotated[
        Literal["back", "promote"],
        'What a canary does that can\'t decide: "back" to the old release, or "promote" the new '
        "one.",
    ] = "back"
    approve: Annotated[
        Literal["ask", "auto"],
        'Whether somebody has to agree to a plan that changes something on AWS: "ask", or "auto".',
    ] = "ask"


@dataclass(frozen=True)
class SignConfig:
    """Who signs images."""

    key: Annotated[
        str | None,
        "The ARN of a KMS key (ECC_NIST_P256) that signs what is pushed. Nothing else is deployed.",
        Check(kms_key),
    ] = None


@dataclass(frozen=True)
class RoleConfig:
    """The functions' execution role."""

    arn: Annotated[
        str | None,
        "A role of your own. Without it mldeploy makes one for each function.",
        Check(role_arn),
    ] = None
    permissions_boundary: Annotated[
        str | None,
        "The ARN of a permissions boundary for the roles that mldeploy makes.",
        Check(policy_arn),
    ] = None
    managed_policies: Annotated[
        tuple[PolicyArn, ...],
        "ARNs of managed policies that the roles that mldeploy makes have. Others are detached.",
        Check(few),
    ] = ()

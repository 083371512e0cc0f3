"""How a release goes live, and the functions' role: [deploy], [sign] and [role]."""

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
    """How a new release gets traffic, and how many old ones are kept.

    `canary` is a share, 0 to 1; 0 for none.
    """

    keep: Annotated[
        int,
        "Versions to keep per function, with their images, for rollbacks.",
        Within(KEEP, "versions"),
    ] = 5
    canary: Annotated[
        float,
        "The share of traffic that a new release gets first, such as 10%.",
        Spelt(str, None, share_of),
    ] = 0.0
    canary_seconds: Annotated[
        int,
        "How long a canary is watched before it gets all traffic, such as 10m.",
        In("", "canary_for"),
        Spelt(str, "10m", seconds_of),
    ] = 600
    canary_requests: Annotated[
        int,
        "The requests that the new and the old release each need before a canary is decided.",
        Within(CANARY_REQUESTS, "requests"),
    ] = 50
    canary_inconclusive: Annotated[
        Literal["back", "promote"],
        'What happens if a canary is inconclusive: "back" to the old release, or "promote" the '
        "new one.",
    ] = "back"
    approve: Annotated[
        Literal["ask", "auto"],
        'Whether a plan that changes something on AWS needs confirmation: "ask" or "auto".',
    ] = "ask"


@dataclass(frozen=True)
class SignConfig:
    """The signing of images."""

    key: Annotated[
        str | None,
        "The ARN of a KMS key (ECC_NIST_P256) that signs images. Only signed images are deployed.",
        Check(kms_key),
    ] = None


@dataclass(frozen=True)
class RoleConfig:
    """The functions' execution role."""

    arn: Annotated[
        str | None,
        "An existing role. Default: mldeploy creates one per function.",
        Check(role_arn),
    ] = None
    permissions_boundary: Annotated[
        str | None,
        "The ARN of a permissions boundary for the roles that mldeploy creates.",
        Check(policy_arn),
    ] = None
    managed_policies: Annotated[
        tuple[PolicyArn, ...],
        "ARNs of managed policies of the roles that mldeploy creates. Others are detached.",
        Check(few),
    ] = ()

"""[deploy] and [role] of mldeploy.toml as pydantic models; the checks are as in `limits`."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from mldeploy.config import limits, secrets
from mldeploy.config.deploying import DeployConfig
from mldeploy.config.table import COMMAS, Table, bounds_of, within


class RoleTable(Table):
    """The functions' execution role."""

    arn: Annotated[str, AfterValidator(limits.role_arn)] | None = None
    """A role of your own. Without it mldeploy makes one for each function."""

    permissions_boundary: Annotated[str, AfterValidator(limits.policy_arn)] | None = None
    """The ARN of a permissions boundary for the roles that mldeploy makes."""

    managed_policies: Annotated[
        list[Annotated[str, AfterValidator(limits.policy_arn)]], COMMAS, AfterValidator(limits.few)
    ] = []
    """ARNs of managed policies that the roles that mldeploy makes have. Others are detached."""


class SignTable(Table):
    """Who signs images."""

    key: Annotated[str, AfterValidator(secrets.kms_key)] | None = None
    """The ARN of a KMS key (ECC_NIST_P256) that signs what is pushed. Nothing else is deployed."""


class DeployTable(Table):
    """How a new release gets its requests, and how many old ones stay."""

    approve: Literal["ask", "auto"] = DeployConfig.approve
    """Whether somebody has to agree to a plan that changes something on AWS: "ask", or "auto"."""

    keep: Annotated[int, within(limits.KEEP, "versions"), bounds_of(limits.KEEP)] = (
        DeployConfig.keep
    )
    """Versions of a function that are kept, with their images, to roll back to."""

    canary: Annotated[str, AfterValidator(limits.share)] | None = None
    """The share of the requests that a new release gets first, such as 10%."""

    canary_for: Annotated[str, AfterValidator(limits.duration)] = "10m"
    """How long a canary is watched before it gets all requests, such as 10m."""

    canary_requests: Annotated[
        int, within(limits.CANARY_REQUESTS, "requests"), bounds_of(limits.CANARY_REQUESTS)
    ] = DeployConfig.canary_requests
    """How many requests the new and the old release must each have got for a canary to decide."""

    canary_inconclusive: Literal["back", "promote"] = DeployConfig.canary_inconclusive
    """What a canary does that can't decide: "back" to the old release, or "promote" the new one."""

"""How a release goes live, and as whom the functions run: [deploy] and [role]."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class DeployConfig:
    """How a new release gets its requests, and how many old ones stay.

    Attributes:
        keep: versions of a function that are kept, with their images.
        canary: the share of the requests that a new release gets first, 0 to 1; 0 for none.
        canary_seconds: how long it is watched.
        canary_requests: how many requests each of both releases must have got for a decision.
        canary_inconclusive: what happens to the new release without a decision.
        approve: "ask" where a person or a flag agrees to each plan, "auto" where the file does.
    """

    keep: int = 5
    canary: float = 0.0
    canary_seconds: int = 600
    canary_requests: int = 50
    canary_inconclusive: Literal["back", "promote"] = "back"
    approve: Literal["ask", "auto"] = "ask"


@dataclass(frozen=True)
class SignConfig:
    """Who signs images. `key`: the ARN of a key in KMS, or None."""

    key: str | None = None


@dataclass(frozen=True)
class RoleConfig:
    """As whom the functions run.

    Attributes:
        arn: of a role that the user brings, or None.
        permissions_boundary: a policy's ARN, for the roles that mldeploy makes.
        managed_policies: ARNs of policies that are attached to those roles, and stay.
    """

    arn: str | None = None
    permissions_boundary: str | None = None
    managed_policies: tuple[str, ...] = ()

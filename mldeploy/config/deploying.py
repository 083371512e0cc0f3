"""How a release goes live, and as whom the functions run: [deploy] and [role]."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DeployConfig:
    """How a new release gets its requests, and how many old ones stay.

    Attributes:
        keep: versions of a function that are kept, with their images.
        canary: the share of the requests that a new release gets first, 0 to 1; 0 for none.
        canary_seconds: how long it is watched.
    """

    keep: int = 5
    canary: float = 0.0
    canary_seconds: int = 600


@dataclass(frozen=True)
class RoleConfig:
    """`arn`: a role that the user brings. `permissions_boundary`: a policy's ARN for ours."""

    arn: str | None = None
    permissions_boundary: str | None = None

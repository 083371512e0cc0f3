"""What is called of IAM for the functions' roles: as little as [role] in the file allows."""

from mldeploy.config import Config
from mldeploy.resources.kind import ROLES, Calls, Condition, always


def to_lambda(config: Config) -> Condition:
    """Let a role be passed to Lambda, and to no other service."""
    del config
    return {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}


def _of_ours(config: Config) -> Condition | None:
    return always(config) if config.role.arn is None else None


def _in_boundary(config: Config) -> Condition | None:
    """Write roles with the file's boundary alone.

    IAM's part of the service authorization reference lists the condition key for each of these but
    TagRole: for CreateRole and PutRolePermissionsBoundary it is what the call sets, for the others
    what the role has.
    """
    if config.role.arn is not None:
        return None
    boundary = config.role.permissions_boundary
    return {"StringEquals": {"iam:PermissionsBoundary": boundary}} if boundary else {}


def _without_boundary(config: Config) -> Condition | None:
    """Grant what lets a role, or somebody in it, out of a boundary only where there is none."""
    return None if config.role.permissions_boundary else _of_ours(config)


def _attached(config: Config) -> Condition | None:
    """Attach the file's policies (IAM user guide, "Available keys for IAM": iam:PolicyARN)."""
    limit, policies = _in_boundary(config), sorted(set(config.role.managed_policies))
    if limit is None or not policies:
        return None
    return {**limit, "ArnEquals": {"iam:PolicyARN": policies}}


ROLE_CALLS = (
    Calls(
        (
            *("iam:GetRole", "iam:GetRolePolicy"),
            *("iam:ListAttachedRolePolicies", "iam:ListRolePolicies"),
            *("iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"),
        ),
        ROLES,
        "Roles",
    ),
    Calls(("iam:TagRole",), ROLES, "Roles", when=_of_ours),
    Calls(
        ("iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"),
        ROLES,
        "RoleRights",
        when=_in_boundary,
    ),
    Calls(
        ("iam:DeleteRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy"),
        ROLES,
        "RoleRights",
        when=_without_boundary,
    ),
    Calls(("iam:AttachRolePolicy",), ROLES, "AttachPolicies", when=_attached),
)

"""The IAM calls for the functions' roles: as few as [role] in the file allows."""

from mldeploy.config import Config
from mldeploy.resources.kind import ROLES, Calls, Condition, always


def to_lambda(config: Config) -> Condition:
    """Return the condition that a role is passed only to Lambda."""
    del config
    return {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}


def _of_ours(config: Config) -> Condition | None:
    return always(config) if config.role.arn is None else None


def _in_boundary(config: Config) -> Condition | None:
    """Return the condition that roles have the configured boundary.

    The service authorization reference for IAM lists the condition key for each of these but
    TagRole: for CreateRole and PutRolePermissionsBoundary it is the boundary that the call sets,
        for
    the others the role's boundary.
    """
    if config.role.arn is not None:
        return None
    boundary = config.role.permissions_boundary
    return {"StringEquals": {"iam:PermissionsBoundary": boundary}} if boundary else {}


def _without_boundary(config: Config) -> Condition | None:
    """Return the condition of calls that remove a boundary; None if one is configured."""
    return None if config.role.permissions_boundary else _of_ours(config)


def _attached(config: Config) -> Condition | None:
    """Return the condition that only configured policies are attached.

    The key is iam:PolicyARN (IAM user guide, "Available keys for IAM").
    """
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

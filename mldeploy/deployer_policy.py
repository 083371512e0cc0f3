"""The IAM policy that deploying needs: every kind names its calls, this scopes them."""

from collections.abc import Iterable
from typing import Any

from mldeploy import cloudwatch, home_region, log_events, where
from mldeploy.config import Config
from mldeploy.stack import KINDS

Statement = dict[str, Any]

# Calls that take no resource (IAM's service authorization reference lists no type for them).
_UNSCOPED = {
    "cloudwatch:GetMetricData",
    "ecr:GetAuthorizationToken",
    "ecr:GetRegistryScanningConfiguration",
    "events:ListRules",
    "iam:ListAccountAliases",
    "iam:ListRoles",
    "logs:DescribeLogGroups",
}
_SEEING = ("iam:Get", "iam:List")
_TAKING = ("iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy")
"""What only takes rights away from a role."""
_FREEING = "iam:DeleteRolePermissionsBoundary"
_PASSING, _ATTACHING = "iam:PassRole", "iam:AttachRolePolicy"


def deployer_policy(config: Config) -> dict[str, Any]:
    """Return a policy document for deploying, invoking and destroying one project.

    Reading the caller's own identity needs no permission. AWS isn't asked, so the account is
    "*"; so is the region where the settings name none.
    """
    by_service: dict[str, set[str]] = {}
    read = (*cloudwatch.ACTIONS, *log_events.ACTIONS, *where.ACTIONS, *home_region.ACTIONS)
    for action in (*(action for kind in KINDS for action in kind.actions), *read):
        by_service.setdefault(action.partition(":")[0], set()).add(action)
    roles = by_service["iam"] - _UNSCOPED
    by_service["iam"] -= roles
    if config.api.auth == "iam":
        by_service["execute-api"] = {"execute-api:Invoke"}
    unscoped = set().union(*by_service.values()) & _UNSCOPED
    statements = [
        _allow(service, actions - unscoped, _resources(service, config))
        for service, actions in sorted(by_service.items())
        if actions - unscoped
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            *statements,
            *_role_statements(config, roles),
            _allow("Unscoped", unscoped, ["*"]),
        ],
    }


def makes_administrators(config: Config) -> bool:
    """Tell whether who has the policy can give the functions' roles any right there is.

    Whoever may write a role's policy and pass the role to a function has every right of the
    account, unless a permissions boundary limits the role (IAM user guide, "Permissions
    boundaries for IAM entities", "Delegating responsibility to others").
    """
    return config.role.arn is None and config.role.permissions_boundary is None


def _role_statements(config: Config, actions: set[str]) -> list[Statement]:
    """Return what may be done with execution roles: as little as [role] in the file allows."""
    seeing = {one for one in actions if one.startswith(_SEEING)}
    taking = actions & set(_TAKING)
    granting = actions - seeing - taking - {_PASSING, _ATTACHING}
    ours, boundary = [_role_arn(config)], config.role.permissions_boundary
    if config.role.arn:
        return [_allow("Roles", seeing | taking, ours), _pass_role([config.role.arn])]
    # IAM's part of the service authorization reference lists the condition key for each of these
    # but TagRole: for CreateRole and PutRolePermissionsBoundary it is what the call sets, for the
    # others what the role has.
    limit = {"StringEquals": {"iam:PermissionsBoundary": boundary}} if boundary else {}
    free = granting & {"iam:TagRole"}
    limited = granting - free - ({_FREEING} if boundary else set())
    statements = [_allow("Roles", seeing | taking | free, ours)]
    statements.append(_allow("RoleRights", limited, ours, limit))
    if policies := sorted(set(config.role.managed_policies)):
        # IAM user guide, "Available keys for IAM": iam:PolicyARN. No other policy can be attached.
        named = {"ArnEquals": {"iam:PolicyARN": policies}}
        statements.append(_allow("AttachPolicies", {_ATTACHING}, ours, {**limit, **named}))
    return [*statements, _pass_role(ours)]


def _pass_role(roles: list[str]) -> Statement:
    to_lambda = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    return _allow("PassRole", {_PASSING}, roles, to_lambda)


def _allow(
    name: str, actions: Iterable[str], resources: list[str], condition: Statement | None = None
) -> Statement:
    sid = "Mldeploy" + "".join(part[0].upper() + part[1:] for part in name.split("-"))
    allowed = {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resources}
    return {**allowed, **({"Condition": condition} if condition else {})}


def _role_arn(config: Config) -> str:
    return f"arn:*:iam::*:role/{config.project_prefix}*"


def _resources(service: str, config: Config) -> list[str]:
    functions = f"{config.project_prefix}*"
    where = f"{config.region or '*'}:*"
    gateway = f"arn:*:apigateway:{config.region or '*'}::"
    return {
        # The tags of an HTTP API don't count for its routes, integrations and stages (API
        # Gateway developer guide, "API Gateway resources that can be tagged": inherited in the
        # V1 API), and its id isn't known before: a condition on tags would refuse our own calls.
        # CreateApi with tags is authorised on `<the gateway's ARN>/tags/` after the prefix of
        # another ARN (aws-cloudformation/cloudformation-coverage-roadmap#997), tagging later on
        # `/tags/<ARN>` (iann0036/iam-dataset#39).
        "apigateway": [
            *(f"{gateway}{path}" for path in ("/apis", "/apis/*", "/tags/*")),
            f"{gateway}arn:*/tags/*",
        ],
        "ecr": [f"arn:*:ecr:{where}:repository/{config.repository}"],
        "events": [f"arn:*:events:{where}:rule/{functions}"],
        "execute-api": [f"arn:*:execute-api:{where}:*/$default/*"],
        "lambda": [f"arn:*:lambda:{where}:function:{functions}"],
        "logs": [f"arn:*:logs:{where}:log-group:/aws/lambda/{functions}"],
    }[service]

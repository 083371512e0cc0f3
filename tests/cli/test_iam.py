"""`mldeploy iam`: what a deployer, a workflow and a function's role may do, and nothing more."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mldeploy.config.file import load_config
from mldeploy.resources.kind import actions_of
from mldeploy.resources.kinds import KINDS
from mldeploy.resources.role_desired import execution_policy
from mldeploy.resources.stack import stack
from tests.strict.aws import REGION, StrictAws
from tests.strict.permissions import Need, granted
from tests.support.commands import Command
from tests.support.projects import CONFIG
from tests.support.stacks import ACCOUNT, artifact

NAME = "mldeploy_iris_dev_predict"
BOUNDARY = "arn:aws:iam::123456789012:policy/limit"
LIMITED = CONFIG + f'\n[role]\npermissions_boundary = "{BOUNDARY}"\n'
BATCHES = '\n[batch]\ninputs = ["s3://data/in/"]\noutputs = ["s3://data/out/"]\n\n'
THEIRS = "arn:aws:iam::123456789012:role/theirs"
READING = "arn:aws:iam::aws:policy/ReadOnlyAccess"
MANAGED = CONFIG + f'\n[role]\nmanaged_policies = ["{READING}"]\n'
BROUGHT = CONFIG + f'\n[role]\narn = "{THEIRS}"\n'
OURS = f"arn:aws:iam::123456789012:role/{NAME}_{REGION}"
HAS = {"iam:PermissionsBoundary": BOUNDARY}
ADMIN_POLICY = "arn:aws:iam::aws:policy/AdministratorAccess"
ADMIN = {"iam:PermissionsBoundary": ADMIN_POLICY}
ATTACHED = {"iam:PolicyARN": READING}
TO_LAMBDA = {"iam:PassedToService": "lambda.amazonaws.com"}
TO_EC2 = {"iam:PassedToService": "ec2.amazonaws.com"}
ISSUER = "token.actions.githubusercontent.com"


def printed(command: Command, *arguments: str) -> dict[str, Any]:
    code, envelope = command("iam", *arguments)
    assert code == 0, envelope
    return dict(envelope["result"])


@pytest.mark.parametrize(
    ("text", "action", "resource", "context", "allowed"),
    [
        (CONFIG, "iam:CreateRole", OURS, {}, True),
        (CONFIG, "iam:CreateRole", THEIRS, {}, False),
        (CONFIG, "iam:PutRolePolicy", THEIRS, {}, False),
        (CONFIG, "iam:PassRole", OURS, TO_LAMBDA, True),
        (CONFIG, "iam:PassRole", OURS, TO_EC2, False),
        (CONFIG, "iam:PassRole", OURS, {}, False),
        (CONFIG, "iam:PassRole", THEIRS, TO_LAMBDA, False),
        (LIMITED, "iam:CreateRole", OURS, {}, False),
        (LIMITED, "iam:CreateRole", OURS, ADMIN, False),
        (LIMITED, "iam:CreateRole", OURS, HAS, True),
        (LIMITED, "iam:PutRolePolicy", OURS, {}, False),
        (LIMITED, "iam:PutRolePolicy", OURS, HAS, True),
        (LIMITED, "iam:UpdateAssumeRolePolicy", OURS, {}, False),
        (LIMITED, "iam:PutRolePermissionsBoundary", OURS, ADMIN, False),
        (LIMITED, "iam:PutRolePermissionsBoundary", OURS, HAS, True),
        (LIMITED, "iam:DeleteRolePermissionsBoundary", OURS, HAS, False),
        (LIMITED, "iam:AttachRolePolicy", OURS, {}, False),
        (LIMITED, "iam:DeleteRole", OURS, HAS, True),
        (CONFIG, "iam:AttachRolePolicy", OURS, ATTACHED, False),
        (MANAGED, "iam:AttachRolePolicy", OURS, ATTACHED, True),
        (MANAGED, "iam:AttachRolePolicy", OURS, {"iam:PolicyARN": ADMIN_POLICY}, False),
        (BROUGHT, "iam:CreateRole", OURS, {}, False),
        (BROUGHT, "iam:PutRolePolicy", OURS, {}, False),
        (BROUGHT, "iam:PutRolePolicy", THEIRS, {}, False),
        (BROUGHT, "iam:UpdateAssumeRolePolicy", THEIRS, {}, False),
        (BROUGHT, "iam:PassRole", OURS, TO_LAMBDA, False),
        (BROUGHT, "iam:PassRole", THEIRS, TO_LAMBDA, True),
        (BROUGHT, "iam:DeleteRole", OURS, {}, True),
        (BROUGHT, "iam:DeleteRole", THEIRS, {}, False),
    ],
)
def test_who_deploys_gives_roles_no_more_than_the_file_allows(
    text: str, action: str, resource: str, context: dict[str, str], *, allowed: bool,
    command: Command, project: Path,
) -> None:  # fmt: skip
    """A role is written only in its boundary, or not at all; it is passed to Lambda alone."""
    (project / "mldeploy.toml").write_text(text)
    assert granted(printed(command, "policy"), Need(action, resource, context)) is allowed


def test_nothing_is_granted_outside_the_project_and_its_region(
    command: Command, project: Path
) -> None:
    """Other projects, other regions, and signed calls of an API that takes unsigned ones."""
    document = printed(command, "policy")
    where = f"{REGION}:123456789012"
    for action, resource in (
        ("lambda:UpdateFunctionCode", f"arn:aws:lambda:{where}:function:mldeploy_tulips_dev_x"),
        ("lambda:UpdateFunctionCode", "arn:aws:lambda:us-east-1:123456789012:function:" + NAME),
        ("lambda:UpdateFunctionCode", "*"),
        ("logs:FilterLogEvents", f"arn:aws:logs:{where}:log-group:/aws/lambda/other"),
        ("events:PutRule", f"arn:aws:events:{where}:rule/other"),
        ("ecr:PutImage", f"arn:aws:ecr:{where}:repository/mldeploy/tulips"),
        ("apigateway:DELETE", f"arn:aws:apigateway:{REGION}::/restapis/abc"),
        ("execute-api:Invoke", f"arn:aws:execute-api:{where}:abc/$default/POST/predict"),
    ):
        assert not granted(document, Need(action, resource)), (action, resource)
    (project / "mldeploy.toml").write_text(CONFIG.replace('"none"', '"iam"'))
    call = Need("execute-api:Invoke", f"arn:aws:execute-api:{where}:abc/$default/POST/predict")
    assert granted(printed(command, "policy"), call)


def test_the_policy_has_the_actions_of_the_kinds_and_of_what_reads(
    command: Command, project: Path
) -> None:
    """Nothing to spare: the contract of each kind proves that it demands what it names."""
    (project / "mldeploy.toml").write_text(CONFIG + BATCHES)
    statements = printed(command, "policy")["Statement"]
    actions = {action for statement in statements for action in statement["Action"]}
    # tests/cli: test_canary.py, test_logs.py, test_audit.py, test_where.py; attached are
    # [role] managed_policies.
    reading = {
        *("cloudwatch:GetMetricData", "logs:FilterLogEvents"),
        *("iam:ListAccountAliases", "iam:ListRoles"),
        "ecr:DescribeImageScanFindings",
        *("states:DescribeExecution", "states:DescribeMapRun", "states:ListMapRuns"),
        *("states:StartExecution", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket"),
        "s3:PutObject",
    }
    named = {action for kind in KINDS for action in actions_of(kind)}
    assert actions - reading == named - {"iam:AttachRolePolicy"}


@pytest.mark.parametrize("text", [LIMITED, BROUGHT])
def test_a_deploy_stays_within_the_narrower_policies(
    text: str, command: Command, project: Path, aws: StrictAws
) -> None:
    """The first deploy, one that comes from a file without [role], a drift, and the destroy."""
    aws.client("iam").create_policy(
        PolicyName="limit",
        PolicyDocument='{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", '
        '"Action": "logs:*", "Resource": "*"}]}',
    )
    aws.client("iam").create_role(RoleName="theirs", AssumeRolePolicyDocument="{}")
    aws.state.fresh_roles.clear()
    for before in (CONFIG, text, CONFIG):
        (project / "mldeploy.toml").write_text(before)
        assert command("deploy", "--yes")[0] == 0
    assert command("plan", "--exit-code")[0] == 0
    for role in aws.client("iam").list_roles()["Roles"]:
        # By hand: what is attached has to go before the role.
        aws.client("iam").attach_role_policy(RoleName=role["RoleName"], PolicyArn=BOUNDARY)
    assert command("destroy", "--confirm", "iris")[0] == 0
    (project / "mldeploy.toml").write_text(text)
    assert command("deploy", "--yes")[0] == 0


def test_the_policy_says_when_it_makes_administrators(
    project: Path, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a boundary whoever may write roles may do anything: stderr names both ways out."""
    from mldeploy.cli.app import run

    del command
    for text, said in ((CONFIG, True), (LIMITED, False), (BROUGHT, False)):
        (project / "mldeploy.toml").write_text(text)
        assert run(["iam", "policy"]) == 0
        shown = capsys.readouterr()
        assert ("an administrator of the account" in shown.err) is said
        assert "administrator" not in shown.out


def test_the_boundary_allows_what_the_functions_are_given(command: Command, project: Path) -> None:
    """Each statement of each role that a deploy makes, secrets included, and no other log group."""
    secrets = 'KEY = {ssm = "/iris/key"}\nSALT = {secretsmanager = "iris/salt"}\n'
    text = f"{BATCHES}{CONFIG}tracing = true\n\n[functions.predict.environment]\n{secrets}"
    (project / "mldeploy.toml").write_text(text)
    document = printed(command, "boundary")
    settings = load_config(project / "mldeploy.toml")
    roles = [one for one in stack(settings, artifact(settings), ACCOUNT) if one.kind == "role"]
    needs = [need for role in roles for need in demanded(role.policy)]  # type: ignore[attr-defined]
    assert {need.action for need in needs} > {
        *("logs:PutLogEvents", "ssm:GetParameters", "xray:PutTraceSegments"),
        *("s3:PutObject", "s3:ListBucket", "states:StartExecution", "lambda:InvokeFunction"),
    }
    assert all(granted(document, need) for need in needs), needs
    other = execution_policy(ACCOUNT.arn("logs", "log-group:/aws/lambda/mldeploy_tulips_dev_x"))
    assert not any(granted(document, need) for need in demanded(other))
    assert not granted(document, Need("iam:PassRole", OURS))


def test_what_batches_add_has_statements_of_its_own(command: Command, project: Path) -> None:
    """Jobs of this stage, the configured prefixes, and a role that is passed to one service."""
    plain = printed(command, "policy")
    (project / "mldeploy.toml").write_text(CONFIG + BATCHES)
    document = printed(command, "policy")
    ours = [one for one in document["Statement"] if one not in plain["Statement"]]
    added = {one["Sid"] for one in ours}
    known = ("MldeployBatch", "MldeploySeeBatch", "MldeployPassRole")
    assert all(sid.startswith(known) for sid in added), added
    where, name = f"{REGION}:123456789012", f"{NAME}-batch"
    to_states = {"iam:PassedToService": "states.amazonaws.com"}
    for action, resource, context, allowed in (
        ("states:CreateStateMachine", f"arn:aws:states:{where}:stateMachine:{name}", {}, True),
        ("states:CreateStateMachine", f"arn:aws:states:{where}:stateMachine:other", {}, False),
        ("states:StartExecution", f"arn:aws:states:{where}:stateMachine:{name}", {}, True),
        ("states:DescribeExecution", f"arn:aws:states:{where}:execution:{name}:a-1", {}, True),
        ("states:StopExecution", f"arn:aws:states:{where}:execution:other:a-1", {}, False),
        ("iam:PassRole", f"{OURS}_states", to_states, True),
        ("iam:PassRole", THEIRS, to_states, False),
        ("s3:GetObject", "arn:aws:s3:::data/in/a.csv", {}, True),
        ("s3:PutObject", "arn:aws:s3:::data/in/a.csv", {}, False),
        ("s3:PutObject", "arn:aws:s3:::data/out/job/_SUCCESS", {}, True),
        ("s3:GetObject", "arn:aws:s3:::data/other", {}, False),
        ("s3:ListBucket", "arn:aws:s3:::data", {"s3:prefix": "out/job/"}, True),
        ("s3:ListBucket", "arn:aws:s3:::data", {"s3:prefix": ""}, False),
    ):
        assert granted(document, Need(action, resource, context)) is allowed, (action, resource)


def demanded(policy: str) -> list[Need]:
    """Return what a role's policy allows, each wildcard filled in."""
    import json

    found = []
    for one in json.loads(policy)["Statement"]:
        actions = [one["Action"]] if isinstance(one["Action"], str) else one["Action"]
        resources = [one["Resource"]] if isinstance(one["Resource"], str) else one["Resource"]
        filled = [text.replace("*", "x").replace("?", "x") for text in resources]
        liked = one.get("Condition", {}).get("StringLike", {})
        context = {key: values[0].replace("*", "x") for key, values in liked.items()}
        found += [Need(action, resource, context) for action in actions for resource in filled]
    return found


def test_the_trust_lets_one_workflow_in(command: Command) -> None:
    """Both forms of GitHub's subject, an exact audience, no wildcard; a pull request stays out."""
    document = printed(
        command, "trust", "--github", "acme@12/iris@345", "--account", ACCOUNT.id
    )  # fmt: skip
    (statement,) = document["Statement"]
    assert statement["Principal"] == {
        "Federated": f"arn:aws:iam::{ACCOUNT.id}:oidc-provider/{ISSUER}"
    }
    whole = {**document, "Statement": [{**statement, "Resource": ["*"]}]}

    def enters(subject: str, audience: str = "sts.amazonaws.com") -> bool:
        context = {f"{ISSUER}:aud": audience, f"{ISSUER}:sub": subject}
        return granted(whole, Need("sts:AssumeRoleWithWebIdentity", "*", context))

    assert enters("repo:acme/iris:ref:refs/heads/main")
    assert enters("repo:acme@12/iris@345:ref:refs/heads/main")
    for other in (
        "repo:acme/iris:pull_request",
        "repo:acme/iris:ref:refs/heads/main2",
        "repo:acme@99/iris@345:ref:refs/heads/main",
        "repo:acme/iris-fork:ref:refs/heads/main",
        "repo:acme/iris:environment:main",
    ):
        assert not enters(other), other
    assert not enters("repo:acme/iris:ref:refs/heads/main", "https://github.com/acme")


def test_an_environment_takes_the_branchs_place(
    command: Command, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The account comes from [role], the partition from the region; ids are asked for."""
    from mldeploy.cli.app import run

    text = LIMITED.replace("eu-central-1", "cn-north-1").replace("arn:aws:", "arn:aws-cn:")
    (project / "mldeploy.toml").write_text(text)
    document = printed(command, "trust", "--github", "acme/iris", "--environment", "prod")
    (statement,) = document["Statement"]
    assert statement["Principal"]["Federated"].startswith("arn:aws-cn:iam::123456789012:oidc")
    subjects = statement["Condition"]["StringEquals"][f"{ISSUER}:sub"]
    assert subjects == ["repo:acme/iris:environment:prod"]
    run(["iam", "trust", "--github", "acme/iris"])
    assert "OWNER@ID/NAME@ID" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--github", "acme/iris"), "MLD485"),
        (("--github", "acme/iris", "--account", "1234"), "MLD485"),
        (("--github", "iris", "--account", "123456789012"), "MLD486"),
        (("--github", "acme@1/iris", "--account", "123456789012"), "MLD486"),
        (("--github", "acme/*", "--account", "123456789012"), "MLD486"),
    ],
)
def test_a_trust_for_nobody_in_particular_is_refused(
    arguments: tuple[str, ...], code: str, command: Command
) -> None:
    """Exit 2: a wildcard would let strangers in, and a principal needs an account."""
    exit_code, envelope = command("iam", "trust", *arguments)
    assert (exit_code, envelope["error"]["code"]) == (2, code)


def test_the_matcher_is_iams() -> None:
    """Deny wins, wildcards stop at an ARN's parts, "*" is granted by "*" alone."""
    allow = {"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "arn:aws:s3:::a*"}
    need = Need("s3:getobject", "arn:aws:s3:::abc/d:e")
    assert granted({"Statement": [allow]}, need)
    assert not granted({"Statement": [allow, {**allow, "Effect": "Deny"}]}, need)
    assert not granted({"Statement": [allow]}, replace(need, resource="*"))
    assert not granted({"Statement": [{**allow, "Resource": "arn:aws:*"}]}, need)
    assert not granted({"Statement": [{**allow, "Resource": "arn:aws:s3::a*"}]}, need)

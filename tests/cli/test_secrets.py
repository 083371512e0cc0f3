"""Deploying references to secrets on strict AWS: what the function and its role are given."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.strict.aws import StrictAws
from tests.support.commands import Command, changes
from tests.support.projects import CONFIG
from tests.support.runtime import Runtime

NAME = "mldeploy_iris_dev_predict"
HERE = "eu-central-1:123456789012"
ARN = f"arn:aws:secretsmanager:{HERE}:secret:iris/db-a1B2c3"
KEY = f"arn:aws:kms:{HERE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SECRETS = f"""
[functions.predict.environment]
LEVEL = "info"
PASSWORD = {{ssm = "/iris/password"}}
PLAIN = {{ssm = "plain", kms_key = "{KEY}"}}
TOKEN = {{secretsmanager = "iris/api", json_key = "token"}}
WHOLE = {{secretsmanager = "{ARN}"}}
"""


@pytest.fixture
def with_secrets(project: Path) -> Path:
    """The project's file, with references."""
    file = project / "mldeploy.toml"
    file.write_text(CONFIG + SECRETS)
    return file


def statements(aws: StrictAws) -> list[dict[str, Any]]:
    """Return what the function's role may do, beside writing its log."""
    role = f"{NAME}_eu-central-1"
    found = aws.client("iam").get_role_policy(RoleName=role, PolicyName="mldeploy")
    return list(found["PolicyDocument"]["Statement"][1:])


def test_the_role_may_read_just_those(command: Command, aws: StrictAws, with_secrets: Path) -> None:
    """Exact parameters, an ARN as it is, a name with its six characters, a key through SSM."""
    assert command("deploy")[0] == 0
    assert statements(aws) == [
        {
            "Effect": "Allow",
            "Action": "ssm:GetParameters",
            "Resource": [
                f"arn:aws:ssm:{HERE}:parameter/iris/password",
                f"arn:aws:ssm:{HERE}:parameter/plain",
            ],
        },
        {
            "Effect": "Allow",
            "Action": "secretsmanager:GetSecretValue",
            "Resource": [f"arn:aws:secretsmanager:{HERE}:secret:iris/api-??????", ARN],
        },
        {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": [KEY],
            "Condition": {"StringLike": {"kms:ViaService": "ssm.eu-central-1.amazonaws.com*"}},
        },
    ]


def test_the_function_gets_places_and_no_values(
    command: Command,
    aws: StrictAws,
    with_secrets: Path,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Values that this machine knows, in the shell and in `.env`, reach AWS in no call."""
    monkeypatch.setenv("PASSWORD", "canary-of-the-shell")
    (project / ".env").write_text("TOKEN=canary-of-the-file\n")
    assert command("deploy")[0] == 0
    found = aws.client("lambda").get_function_configuration(FunctionName=NAME, Qualifier="1")
    variables = found["Environment"]["Variables"]
    assert sorted(variables) == ["LEVEL", "MLDEPLOY_RELEASE", "MLDEPLOY_SECRETS"]
    assert json.loads(variables["MLDEPLOY_SECRETS"]) == {
        "PASSWORD": {"ssm": "/iris/password"},
        "PLAIN": {"ssm": "plain"},
        "TOKEN": {"secretsmanager": "iris/api", "json_key": "token"},
        "WHOLE": {"secretsmanager": ARN},
    }
    assert "canary" not in repr(aws.calls)


def test_a_second_deploy_changes_nothing(
    command: Command, aws: StrictAws, with_secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a value has changed here: the release is made of the places."""
    command("deploy")
    aws.reset_calls()
    monkeypatch.setenv("PASSWORD", "another-value")
    code, envelope = command("deploy")
    assert (code, changes(envelope), aws.mutating_calls()) == (0, [], [])


def test_another_reference_is_another_release(
    command: Command, aws: StrictAws, with_secrets: Path
) -> None:
    """The plan shows both places and what becomes permitted; a KMS key is the role's alone."""
    command("deploy")
    with_secrets.write_text((CONFIG + SECRETS).replace('"/iris/password"', '"/iris/other"'))
    result = command("plan")[1]["result"]
    assert changes(command("plan")[1]) == [
        "update role", "update function", "create version", "update alias",
    ]  # fmt: skip
    other = f"ssm:GetParameters on arn:aws:ssm:{HERE}:parameter/iris/other"
    assert result["opened"] == [f"becomes permitted: {NAME}_eu-central-1: {other}"]
    assert "/iris/other" in json.dumps(result["changes"])
    with_secrets.write_text((CONFIG + SECRETS).replace(f', kms_key = "{KEY}"', ""))
    assert changes(command("plan")[1]) == ["update role"]


def test_a_role_of_the_user_s_is_left_alone(
    command: Command, aws: StrictAws, with_secrets: Path
) -> None:
    """No role is made or changed: the plan says what theirs needs, once."""
    theirs = aws.client("iam").create_role(RoleName="theirs", AssumeRolePolicyDocument="{}")
    with_secrets.write_text(f'{CONFIG}{SECRETS}[role]\narn = "{theirs["Role"]["Arn"]}"\n')
    needed = [one for one in command("plan")[1]["result"]["opened"] if "needs" in one]
    assert len(needed) == 5
    arn = theirs["Role"]["Arn"]
    assert f"{arn} needs kms:Decrypt on {KEY}" in needed
    assert command("deploy")[0] == 0
    assert not [one for one in aws.mutating_calls() if "Role" in one and "iam" in one]
    assert command("plan")[1]["result"]["opened"] == []
    with_secrets.write_text(with_secrets.read_text().replace("memory = 512", "memory = 1024"))
    assert command("plan")[1]["result"]["opened"] == []


DENIED = (
    "Runtime.ImportModuleError: Unable to import module 'endpoint.custom': PASSWORD "
    "(ssm /iris/password) can't be read: AccessDeniedException: User: role is not authorized"
)


def test_a_permission_may_take_a_while_to_spread(
    command: Command, runtime: Runtime, with_secrets: Path
) -> None:
    """A start that is denied its secrets is tried again, and no other failure is."""
    del with_secrets
    answer, left = runtime.invoke, ["", "", ""]

    def spreading(params: dict[str, Any]) -> dict[str, Any]:
        if left:
            left.pop()
            return {"FunctionError": "Unhandled", "Payload": {"errorMessage": DENIED}}
        return answer(params)

    runtime.aws.on_invoke(spreading)
    assert command("deploy")[0] == 0
    assert not left


def test_a_permission_that_never_comes_refuses_the_release(
    command: Command, runtime: Runtime, with_secrets: Path
) -> None:
    """After half a minute the error is AWS's, with the variable and the reference."""
    del with_secrets
    told: list[int] = []

    def denied(_params: dict[str, Any]) -> dict[str, Any]:
        told.append(1)
        return {"FunctionError": "Unhandled", "Payload": {"errorMessage": DENIED}}

    runtime.aws.on_invoke(denied)
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD501")
    assert "PASSWORD (ssm /iris/password) can't be read" in envelope["error"]["message"]
    assert 20 < len(told) < 50

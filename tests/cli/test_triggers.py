"""A function without a route through the real commands: no API, and Lambda invokes it."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.strict.aws import StrictAws
from tests.support.commands import Command, changes
from tests.support.runtime import Runtime

NAME = "mldeploy_iris_dev_predict"
HEAD = '[project]\nname = "iris"\nregion = "eu-central-1"\n'
PLAIN = "[functions.predict]\nroute = false\nmemory = 512\n"
ROUTED = '[api]\nauth = "none"\n[functions.predict]\nmemory = 512\n'


def write(project: Path, text: str) -> None:
    (project / "mldeploy.toml").write_text(HEAD + text)


def apis(aws: StrictAws) -> list[dict[str, Any]]:
    return list(aws.client("apigatewayv2").get_apis()["Items"])


def policy(aws: StrictAws, name: str = NAME) -> list[dict[str, Any]]:
    functions = aws.client("lambda")
    try:
        text = functions.get_policy(FunctionName=name, Qualifier="live")["Policy"]
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ResourceNotFoundException"  # noqa: PT017
        return []
    found: list[dict[str, Any]] = json.loads(text)["Statement"]
    return found


def test_a_deploy_makes_no_api(command: Command, project: Path, aws: StrictAws) -> None:
    """Neither plan nor AWS has one, the timeout is Lambda's, and a second deploy does nothing."""
    write(project, PLAIN + "timeout = 300\n")
    code, envelope = command("plan")
    assert "create alias" in changes(envelope)
    assert not [one for one in changes(envelope) if "api" in one]
    code, envelope = command("deploy")
    assert code == 0
    assert envelope["result"]["url"] == ""
    assert [one["route"] for one in envelope["result"]["functions"]] == [""]
    assert apis(aws) == []
    assert policy(aws) == []
    configuration = aws.client("lambda").get_function_configuration(FunctionName=NAME)
    assert configuration["Timeout"] == 300
    code, envelope = command("plan")
    assert (code, changes(envelope)) == (0, [])


def test_invoke_calls_it_through_lambda(
    command: Command, project: Path, aws: StrictAws, runtime: Runtime
) -> None:
    """Without --direct, for there is no URL."""
    write(project, PLAIN)
    assert command("deploy")[0] == 0
    sent: list[dict[str, Any]] = []

    def answer(params: dict[str, Any]) -> dict[str, Any]:
        sent.append(params)
        return {"Payload": {"prediction": {"value": 1.0}}, "LogResult": ""}

    aws.on_invoke(answer)
    code, envelope = command("invoke")
    assert code == 0
    assert envelope["result"]["target"] == f"{NAME}:live"
    assert [json.loads(one["Payload"]) for one in sent] == [{"features": [1.0]}]
    assert runtime.served == []


def test_the_route_that_is_given_up_goes_with_its_api(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """So does the permission on the alias; a route that comes back makes an API anew."""
    write(project, ROUTED)
    assert command("deploy")[0] == 0
    assert len(apis(aws)) == len(policy(aws)) == 1
    write(project, PLAIN)
    code, envelope = command("deploy")
    assert code == 0
    assert "delete http api" in changes(envelope)
    assert (apis(aws), policy(aws)) == ([], [])
    code, envelope = command("plan")
    assert (code, changes(envelope)) == (0, [])
    write(project, ROUTED)
    assert command("deploy")[0] == 0
    assert len(apis(aws)) == len(policy(aws)) == 1


def test_the_api_of_the_other_functions_loses_its_way_in(
    command: Command, project: Path, aws: StrictAws
) -> None:
    """One of two functions gives its route up: route and permission go, the API stays."""
    write(project, ROUTED + "[functions.other]\n")
    assert command("deploy")[0] == 0
    (before,) = apis(aws)
    write(project, ROUTED.replace("memory", "route = false\nmemory") + "[functions.other]\n")
    code, _ = command("deploy")
    assert code == 0
    (after,) = apis(aws)
    assert after["ApiId"] == before["ApiId"]
    routes = aws.client("apigatewayv2").get_routes(ApiId=after["ApiId"])["Items"]
    assert [one["RouteKey"] for one in routes] == ["POST /other"]
    assert (policy(aws), len(policy(aws, "mldeploy_iris_dev_other"))) == ([], 1)
    code, envelope = command("plan")
    assert (code, changes(envelope)) == (0, [])


def test_nothing_is_left_after_destroy(command: Command, project: Path, aws: StrictAws) -> None:
    """As of a stage with an API."""
    write(project, PLAIN)
    assert command("deploy")[0] == 0
    code, envelope = command("destroy", "--yes")
    assert code == 0
    assert "delete function" in changes(envelope)
    assert aws.client("lambda").list_functions()["Functions"] == []


def test_there_is_nothing_to_serve(command: Command, project: Path) -> None:
    """`serve` is the HTTP API on this machine."""
    write(project, PLAIN)
    code, envelope = command("serve", "--port", "0")
    assert (code, envelope["error"]["code"]) == (1, "MLD605")


@pytest.mark.parametrize(("form", "expected"), [("http", "MLD605"), ("direct", "")])
def test_no_api_sends_it_events(form: str, expected: str, command: Command, project: Path) -> None:
    """A direct invoke's are made."""
    write(project, PLAIN)
    code, envelope = command("events", "--format", form)
    assert (envelope.get("error") or {"code": ""})["code"] == expected
    assert (code == 0) is (expected == "")

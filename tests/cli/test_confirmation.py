"""What the public URL answers after a deploy, and whose answer it is."""

from pathlib import Path

import pytest

from mldeploy.http.call import NoAnswerError
from tests.strict.aws import StrictAws
from tests.support.commands import Command, changes
from tests.support.projects import write_bundle
from tests.support.runtime import Runtime

NAME = "mldeploy_iris_dev_predict"
SPREADING = [(404, "Not Found"), (403, "Forbidden"), (500, "Internal Server Error")]


def live(aws: StrictAws) -> str:
    found = aws.client("lambda").get_alias(FunctionName=NAME, Name="live")
    return str(found["FunctionVersion"])


@pytest.mark.parametrize("refusal", SPREADING)
def test_a_new_route_may_be_refused_for_a_minute(
    refusal: tuple[int, str], command: Command, aws: StrictAws, runtime: Runtime
) -> None:
    """The gateway's own answers are waited out, whatever their status; nothing goes back."""
    aws.state.refusals = [refusal] * 55
    assert command("deploy")[0] == 0
    assert aws.state.refusing == []
    assert runtime.served
    assert changes(command("plan")[1]) == []


def test_a_gateway_that_goes_on_refusing_is_believed(
    command: Command, aws: StrictAws, runtime: Runtime
) -> None:
    """After a minute and a half it is no change that spreads."""
    aws.state.refusals = [(500, "Internal Server Error")] * 500
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD505")
    assert 80 < 500 - len(aws.state.refusing) < 130
    assert runtime.served == []


def test_a_function_that_says_it_failed_is_believed_at_once(
    command: Command,
    aws: StrictAws,
    runtime: Runtime,
    project: Path,
) -> None:
    """Three of its own answers: users meet the same."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    (image,) = [one for one in command("plan")[1]["result"]["changes"] if one["kind"] == "image"]
    runtime.answers[image["name"].partition(":")[2]] = (
        500,
        {"error": {"type": "model-failed", "status": 500}},
    )
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (6, "MLD505")
    assert live(aws) == "1"
    seen = aws.state.traffic[NAME, "2"]
    assert len(seen) == 3


@pytest.mark.parametrize("error", ["MLD504", "MLD508", "MLD509", "MLD510"])
def test_the_callers_own_network_undoes_nothing(
    error: str,
    command: Command,
    aws: StrictAws,
    runtime: Runtime,
    project: Path,
) -> None:
    """It is said with its code; the new release stays live, and the next deploy is content."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    runtime.silence = NoAnswerError(error, "no answer: the proxy doesn't lead there", "look at it")
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (6, error)
    assert envelope["error"]["hint"] == "look at it"
    told = envelope["error"]["details"]["live"]
    assert f"{NAME}:live serves release" in told
    assert "no traffic was shifted back" in told
    assert live(aws) == "2"
    runtime.silence = None
    code, envelope = command("deploy")
    assert (code, changes(envelope)) == (0, [])


def test_a_first_deploy_keeps_its_route_without_a_network(
    command: Command, aws: StrictAws, runtime: Runtime
) -> None:
    """What was made stays, and what waits for the confirmation is made as well."""
    runtime.silence = NoAnswerError("MLD510", "no answer: no name", "look")
    assert command("deploy")[0] == 6
    (api,) = aws.client("apigatewayv2").get_apis()["Items"]
    assert aws.client("apigatewayv2").get_routes(ApiId=api["ApiId"])["Items"]
    runtime.silence = None
    assert command("plan", "--exit-code")[0] == 0


def test_a_rollback_without_a_network_stays(
    command: Command,
    aws: StrictAws,
    runtime: Runtime,
    project: Path,
) -> None:
    """The earlier release serves; only the last look is missing."""
    command("deploy")
    write_bundle(project / "model", "a better model")
    command("deploy")
    runtime.silence = NoAnswerError("MLD504", "no answer", "look")
    code, envelope = command("rollback")
    assert (code, envelope["error"]["code"]) == (6, "MLD504")
    assert live(aws) == "1"


def test_invoke_tells_whose_answer_it_is(
    command: Command, aws: StrictAws, runtime: Runtime
) -> None:
    """A refusal of the gateway's own may pass; that of a function is the request's fault."""
    command("deploy")
    aws.state.refusing = [(403, "Forbidden")]
    error = command("invoke")[1]["error"]
    assert (error["code"], error["exit_code"]) == ("MLD502", 6)
    assert "this is API Gateway's own response" in error["hint"]
    tag = runtime.release_of(NAME, "1")[1]
    runtime.answers[tag] = (400, {"error": {"type": "invalid", "status": 400}})
    assert "fix the request" in command("invoke")[1]["error"]["hint"]


OLD = "Deployment attempt failed: Unable to deploy API because no routes exist in this API"
FINE = "Successfully deployed stage with deployment ID 'abc'"


@pytest.mark.parametrize("later", [FINE, OLD])
def test_an_earlier_deployments_failure_isnt_this_ones(
    later: str, command: Command, aws: StrictAws, project: Path
) -> None:
    """API Gateway deploys after the change, so what the stage said before counts for nothing."""
    command("deploy")
    aws.state.stage_messages = [OLD, OLD, OLD, later]
    file = project / "mldeploy.toml"
    file.write_text(file.read_text() + '\n[functions.check]\nroute = "POST /check"\n')
    code, envelope = command("deploy")
    assert (code, changes(envelope)[-1]) == (0, "update http api")


@pytest.mark.parametrize("before", [FINE, OLD])
def test_a_deployment_that_fails_is_this_runs(
    before: str, command: Command, aws: StrictAws, project: Path
) -> None:
    """A message that wasn't there before is about what this run changed."""
    command("deploy")
    aws.state.stage_messages = [before, before, "Deployment attempt failed: no such thing"]
    file = project / "mldeploy.toml"
    file.write_text(file.read_text() + '\n[functions.check]\nroute = "POST /check"\n')
    code, envelope = command("deploy")
    assert (code, envelope["error"]["code"]) == (1, "MLD430")
    assert "no such thing" in envelope["error"]["message"]

"""What somebody changed or deleted by hand, mended by the next deploy as a whole."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.chain import served
from tests.faults.operations import BY_NAME, Step
from tests.faults.world import World
from tests.strict.aws import REGION, StrictAws
from tests.support.api_drifts import NAME, Drift
from tests.support.drifts import (
    BATCH,
    DRIFTS,
    MACHINE,
    REPOSITORY,
    RISKS,
    ROLE,
    VERSION_DRIFTS,
    permitted,
)
from tests.support.left_alone import LEFT_ALONE
from tests.support.stacks import context

_CONFIG = """\
[project]
name = "iris"
region = "eu-central-1"
tags = {team = "flowers"}

[api]
auth = "none"

[functions.predict]
route = "POST /predict"
memory = 512
keep_warm = {every = "5 minutes", instances = 2}
provisioned_concurrency = 2
reserved_concurrency = 5

[batch]
inputs = ["s3://data/in/"]
outputs = ["s3://data/out/"]
"""
_DEPLOY = Step(config=_CONFIG)
MEMORY = replace(
    BY_NAME["new memory"],
    start=(_DEPLOY,),
    step=replace(_DEPLOY, config=_CONFIG.replace("512", "1024")),
)
"""It begins with a stage that is deployed, and has all that can be changed by hand."""


def delete_role(aws: StrictAws) -> None:
    iam = aws.client("iam")
    iam.delete_role_policy(RoleName=ROLE, PolicyName="mldeploy")
    iam.delete_role(RoleName=ROLE)


def delete_api(aws: StrictAws) -> None:
    gateway = aws.client("apigatewayv2")
    gateway.delete_api(ApiId=gateway.get_apis()["Items"][0]["ApiId"])


def delete_rule(aws: StrictAws) -> None:
    events = aws.client("events")
    targets = events.list_targets_by_rule(Rule=NAME)["Targets"]
    events.remove_targets(Rule=NAME, Ids=[one["Id"] for one in targets])
    events.delete_rule(Name=NAME)


def delete_images(aws: StrictAws) -> None:
    ecr = aws.client("ecr")
    images = ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]
    ecr.batch_delete_image(
        repositoryName=REPOSITORY, imageIds=[{"imageDigest": one["imageDigest"]} for one in images]
    )


def delete_version(aws: StrictAws) -> None:
    functions = aws.client("lambda")
    functions.delete_alias(FunctionName=NAME, Name="live")
    functions.delete_function(FunctionName=NAME, Qualifier="1")


DELETIONS: list[tuple[str, Callable[[StrictAws], Any]]] = [
    ("log group", lambda aws: aws.client("logs").delete_log_group(
        logGroupName=f"/aws/lambda/{NAME}")),
    ("repository", lambda aws: aws.client("ecr").delete_repository(
        repositoryName=REPOSITORY, force=True)),
    ("image", delete_images),
    ("role", delete_role),
    ("function", lambda aws: aws.client("lambda").delete_function(FunctionName=NAME)),
    ("version and alias", delete_version),
    ("alias", lambda aws: aws.client("lambda").delete_alias(FunctionName=NAME, Name="live")),
    ("http api", delete_api),
    ("schedule", delete_rule),
    ("state machine", lambda aws: aws.client("stepfunctions").delete_state_machine(
        stateMachineArn=MACHINE)),
    ("batch function", lambda aws: aws.client("lambda").delete_function(FunctionName=BATCH)),
]  # fmt: skip


def mended(where: World, met: set[Any]) -> None:
    """Deploy: what was served is served, and one more deploy changes nothing."""
    outcome = where.take(MEMORY.start[0])
    assert outcome.code == 0, outcome.error
    assert set(served(where.aws).values()) == met
    where.aws.reset_calls()
    assert where.take(MEMORY.start[0]).code == 0
    assert where.aws.mutating_calls() == []


TABLE = [one for one in (*DRIFTS, *VERSION_DRIFTS) if one[0] != "image"]


@pytest.mark.parametrize(("kind", "name", "drift"), TABLE, ids=[f"{k}: {n}" for k, n, _ in TABLE])
def test_what_was_changed_by_hand_is_seen_told_and_repaired(
    kind: str, name: str, drift: Drift, where: World
) -> None:
    """One thing changed: `plan` and `status` name it and what it means, one deploy repairs it."""
    where.begin(MEMORY)
    met = set(served(where.aws).values())
    with where.aws.unwatched():
        drift(context(where.aws.put_image))
    for command in ("plan", "status"):
        outcome = where.take(replace(MEMORY.start[0], command=(command,)))
        assert outcome.code in (0, 3), outcome.error
        changes = outcome.envelope["result"]["changes"]
        assert kind in {one["kind"] for one in changes}, command
        found = {one.get("risk") for change in changes for one in change["differences"]} - {None}
        assert found == {RISKS[kind, name]} if (kind, name) in RISKS else not found, command
    mended(where, met)


def test_an_image_that_is_built_anew_is_served(where: World) -> None:
    """Its digest is another one: a new version is published and gets the requests."""
    where.begin(MEMORY)
    (met,) = served(where.aws).values()
    delete_images(where.aws)
    where.builds = "another day"
    outcome = where.take(MEMORY.start[0])
    where.builds = ""
    assert outcome.code == 0, outcome.error
    (now,) = served(where.aws).values()
    assert (now.release, now.digest == met.digest) == (met.release, False)
    where.aws.reset_calls()
    assert where.take(MEMORY.start[0]).code == 0
    assert where.aws.mutating_calls() == []
    assert where.take(MEMORY.step).code == 0
    assert where.take(Step(("rollback",))).code == 0
    (back,) = served(where.aws).values()
    assert back == now


def test_what_is_gone_isnt_gone_back_to(where: World) -> None:
    """Where the image that was built anew isn't confirmed, nobody says that the old one is back."""
    where.begin(MEMORY)
    tag = where.aws.client("ecr").describe_images(repositoryName=REPOSITORY)["imageDetails"][0][
        "imageTags"
    ][0]
    delete_images(where.aws)
    where.builds, where.runtime.answers[tag] = "another day", (404, {})
    outcome = where.take(MEMORY.start[0])
    where.builds = ""
    where.runtime.answers.clear()
    assert (outcome.code, outcome.error["code"]) == (6, "MLD505")
    assert "the image that it served before is gone" in outcome.error["details"]["live"]


@pytest.mark.parametrize("delete", [one for _, one in DELETIONS], ids=[n for n, _ in DELETIONS])
def test_the_next_deploy_makes_anew_what_was_deleted_by_hand(
    delete: Callable[[StrictAws], Any], where: World
) -> None:
    """Whichever resource is gone, the next deploy makes it again, and what hangs on it."""
    where.begin(MEMORY)
    met = set(served(where.aws).values())
    delete(where.aws)
    mended(where, met)


@pytest.mark.parametrize(
    "drift", [one for *_, one in LEFT_ALONE], ids=[f"{k}: {n}" for k, n, *_ in LEFT_ALONE]
)
def test_what_may_be_otherwise_is_left_alone(drift: Drift, where: World) -> None:
    """A plan has no change, and a deploy makes no call that changes anything."""
    where.begin(MEMORY)
    with where.aws.unwatched():
        drift(context(where.aws.put_image))
    before = where.aws.snapshot()
    outcome = where.take(replace(MEMORY.start[0], command=("plan",)))
    assert outcome.envelope["result"]["changes"] == []
    where.aws.reset_calls()
    assert where.take(MEMORY.start[0]).code == 0
    assert where.aws.mutating_calls() == []
    assert where.aws.snapshot() == before


KEYS = """
[functions.predict]
permissions = ["mine"]
tracing = true
dead_letter = "arn:aws:sqs:eu-central-1:123456789012:failed"
vpc = {subnets = ["subnet-01234567"], security_groups = ["sg-01234567"]}
"""


def test_what_the_file_names_is_made_and_stays(where: World) -> None:
    """With the keys a permission of others stays, and VPC, traces, queue and policy are made."""
    where.begin(MEMORY)
    with where.aws.unwatched():
        permitted(Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::a")(
            context(where.aws.put_image)
        )
    text = _CONFIG.replace("\n[functions.predict]\n", KEYS)
    policy = "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess"
    step = replace(MEMORY.start[0], config=f"{text}\n[role]\nmanaged_policies = ['{policy}']\n")
    outcome = where.take(step)
    assert outcome.code == 0, outcome.error
    where.aws.reset_calls()
    assert where.take(step).code == 0
    assert where.aws.mutating_calls() == []
    functions, iam = where.aws.client("lambda"), where.aws.client("iam")
    live = functions.get_function(FunctionName=NAME, Qualifier="live")["Configuration"]
    assert live["VpcConfig"]["SubnetIds"] == ["subnet-01234567"]
    assert live["TracingConfig"] == {"Mode": "Active"}
    assert live["DeadLetterConfig"]["TargetArn"].endswith(":failed")
    (kept,) = json.loads(functions.get_policy(FunctionName=NAME)["Policy"])["Statement"]
    assert kept["Sid"] == "mine"
    (attached,) = iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]
    assert attached["PolicyArn"] == policy
    allowed = json.dumps(
        iam.get_role_policy(RoleName=ROLE, PolicyName="mldeploy")["PolicyDocument"]
    )
    for action in ("ec2:CreateNetworkInterface", "sqs:SendMessage", "xray:PutTraceSegments"):
        assert action in allowed
    # Out of the file, out of AWS.
    assert where.take(MEMORY.start[0]).code == 0
    assert functions.get_function_configuration(FunctionName=NAME)["VpcConfig"]["SubnetIds"] == []
    assert iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"] == []


def test_a_log_group_without_tags_is_ours_again_by_the_command_that_is_named(where: World) -> None:
    """Nothing but its tags proves that it is ours: the refusal names the line that sets them."""
    where.begin(MEMORY)
    logs = where.aws.client("logs")
    arn = f"arn:aws:logs:{REGION}:123456789012:log-group:/aws/lambda/{NAME}"
    logs.untag_resource(resourceArn=arn, tagKeys=["mldeploy:project", "mldeploy:stage"])
    where.aws.reset_calls()
    outcome = where.take(MEMORY.start[0])
    assert (outcome.code, outcome.error["code"]) == (1, "MLD410")
    assert where.aws.mutating_calls() == []
    line = outcome.error["hint"].rpartition(": ")[2]
    start = f"aws logs tag-resource --resource-arn {arn} --tags "
    assert line.startswith(start)
    tags = dict(one.split("=") for one in line.removeprefix(start).split(","))
    logs.tag_resource(resourceArn=arn, tags=tags)
    assert where.take(MEMORY.start[0]).code == 0
    assert where.aws.mutating_calls() == []

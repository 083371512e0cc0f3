"""What has our names and isn't ours is refused before any write, and never touched."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.operations import BY_NAME
from tests.faults.world import World
from tests.strict.aws import StrictAws
from tests.support.api_drifts import NAME
from tests.support.drifts import REPOSITORY, ROLE

FIRST = BY_NAME["first deploy"]
TAGS = [{}, {"mldeploy:project": "tulips", "mldeploy:stage": "dev"}]
Make = Callable[[StrictAws, dict[str, str]], Any]


def pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def a_function(aws: StrictAws, tags: dict[str, str]) -> None:
    aws.client("ecr").create_repository(repositoryName="theirs")
    digest = aws.put_image("theirs", "one", "theirs")
    iam = aws.client("iam")
    role = iam.create_role(RoleName="theirs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    aws.state.fresh_roles.clear()
    uri = f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/theirs@{digest}"
    functions = aws.client("lambda")
    functions.create_function(
        FunctionName=NAME, PackageType="Image", Code={"ImageUri": uri}, Role=role, Tags=tags
    )
    # The deploy's own reads would bring it from Pending to Active.
    functions.get_function(FunctionName=NAME)


def a_rule(aws: StrictAws, tags: dict[str, str]) -> None:
    aws.client("events").put_rule(Name=NAME, ScheduleExpression="rate(1 minute)", Tags=pairs(tags))


STRANGERS: list[tuple[str, Make]] = [
    ("log group", lambda aws, tags: aws.client("logs").create_log_group(
        logGroupName=f"/aws/lambda/{NAME}", tags=tags)),
    ("repository", lambda aws, tags: aws.client("ecr").create_repository(
        repositoryName=REPOSITORY, tags=pairs(tags))),
    ("role", lambda aws, tags: aws.client("iam").create_role(
        RoleName=ROLE, AssumeRolePolicyDocument="{}", Tags=pairs(tags))),
    ("function", a_function),
    ("schedule", a_rule),
]  # fmt: skip


@pytest.mark.parametrize("tags", TAGS, ids=["no tags", "another project's"])
@pytest.mark.parametrize("make", [one for _, one in STRANGERS], ids=[n for n, _ in STRANGERS])
def test_a_stranger_of_our_name_is_refused_before_any_write(
    make: Make, tags: dict[str, str], where: World
) -> None:
    """A thing without our tags, or with another project's: MLD410, and no call that changes."""
    where.begin(FIRST)
    make(where.aws, tags)
    before = where.aws.snapshot()
    where.aws.reset_calls()
    outcome = where.take(FIRST.step)
    assert (outcome.code, outcome.error["code"]) == (1, "MLD410")
    assert where.aws.mutating_calls() == []
    assert where.aws.snapshot() == before


@pytest.mark.parametrize("tags", TAGS, ids=["no tags", "another project's"])
def test_an_api_of_our_name_is_left_alone(tags: dict[str, str], where: World) -> None:
    """API Gateway allows a name twice: ours is made beside it, and destroy spares the other."""
    where.begin(FIRST)
    gateway = where.aws.client("apigatewayv2")
    theirs = gateway.create_api(Name="mldeploy_iris_dev", ProtocolType="HTTP", Tags=tags)["ApiId"]
    assert where.take(FIRST.step).code == 0
    assert theirs in {one["ApiId"] for one in gateway.get_apis()["Items"]}
    assert where.take(BY_NAME["destroy"].step).code == 0
    assert [one["ApiId"] for one in gateway.get_apis()["Items"]] == [theirs]

"""What has our names and isn't ours is refused before any write, and never touched."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.operations import BY_NAME
from tests.faults.world import World
from tests.strict.aws import REGION, StrictAws
from tests.support.api_drifts import NAME
from tests.support.drifts import REPOSITORY

FIRST = BY_NAME["first deploy"]
ADDED = BY_NAME["function added"]
CHECK = NAME.replace("predict", "check")
UNTAGGED: dict[str, str] = {}
OTHERS = {"mldeploy:project": "tulips", "mldeploy:stage": "dev"}
OTHER_STAGES = {"mldeploy:project": "iris", "mldeploy:stage": "prod"}
HALF = {"mldeploy:stage": "dev", "mldeploy:Project": "iris"}
TAGS = {
    "no tags": UNTAGGED,
    "another project's": OTHERS,
    "another stage's": OTHER_STAGES,
    "half of ours": HALF,
}
Make = Callable[[StrictAws, str, dict[str, str]], Any]


def pairs(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def a_function(aws: StrictAws, name: str, tags: dict[str, str]) -> None:
    # A stranger's image, which the deploy looks at: no policy of ours names it.
    aws.least.held = False
    aws.client("ecr").create_repository(repositoryName="theirs")
    digest = aws.put_image("theirs", "one", "theirs")
    iam = aws.client("iam")
    role = iam.create_role(RoleName="theirs", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    aws.state.fresh_roles.clear()
    uri = f"123456789012.dkr.ecr.eu-central-1.amazonaws.com/theirs@{digest}"
    functions = aws.client("lambda")
    functions.create_function(
        FunctionName=name, PackageType="Image", Code={"ImageUri": uri}, Role=role, Tags=tags
    )
    # The deploy's own reads would bring it from Pending to Active.
    functions.get_function(FunctionName=name)


def a_rule(aws: StrictAws, name: str, tags: dict[str, str]) -> None:
    aws.client("events").put_rule(Name=name, ScheduleExpression="rate(1 minute)", Tags=pairs(tags))


def a_log_group(aws: StrictAws, name: str, tags: dict[str, str]) -> None:
    aws.client("logs").create_log_group(logGroupName=f"/aws/lambda/{name}", tags=tags)


def a_role(aws: StrictAws, name: str, tags: dict[str, str]) -> None:
    aws.client("iam").create_role(
        RoleName=f"{name}_{REGION}", AssumeRolePolicyDocument="{}", Tags=pairs(tags)
    )


def a_repository(aws: StrictAws, _name: str, tags: dict[str, str]) -> None:
    aws.client("ecr").create_repository(repositoryName=REPOSITORY, tags=pairs(tags))


OF_A_FUNCTION: dict[str, Make] = {
    "log group": a_log_group,
    "role": a_role,
    "function": a_function,
    "schedule": a_rule,
}
STRANGERS: list[tuple[str, Make, str]] = [
    (f"{kind}, {whose}", make, whose)
    for kind, make in {**OF_A_FUNCTION, "repository": a_repository}.items()
    for whose in TAGS
    # All stages of a project share its repository.
    if (kind, whose) != ("repository", "another stage's")
]
strangers = pytest.mark.parametrize(
    ("make", "whose"),
    [(make, whose) for _, make, whose in STRANGERS],
    ids=[name for name, _, _ in STRANGERS],
)


def refused(where: World, *command: str, step: Any = FIRST.step) -> None:
    """Run a command: MLD410, no call that changes, and the account is what it was."""
    before = where.aws.snapshot()
    where.aws.reset_calls()
    outcome = where.take(replace(step, command=command))
    assert (outcome.code, outcome.error.get("code")) == (1, "MLD410"), outcome
    assert where.aws.mutating_calls() == []
    assert where.aws.snapshot() == before


@strangers
def test_a_stranger_of_our_name_is_refused_before_any_write(
    make: Make, whose: str, where: World
) -> None:
    """A thing without our tags, or with another's: MLD410 of `plan` and of `deploy`."""
    where.begin(FIRST)
    make(where.aws, NAME, TAGS[whose])
    refused(where, "plan")
    refused(where, "deploy")


@pytest.mark.parametrize("make", OF_A_FUNCTION.values(), ids=OF_A_FUNCTION)
def test_a_stranger_in_the_way_of_one_more_function_stops_all(make: Make, where: World) -> None:
    """What is deployed goes on as it is: nothing of it is changed either."""
    where.begin(ADDED)
    make(where.aws, CHECK, OTHERS)
    refused(where, "deploy", step=ADDED.step)


def test_a_stranger_under_our_prefix_isnt_taken_for_a_rest(where: World) -> None:
    """A log group that looks like a removed function's, and has no tags of ours, stays."""
    where.begin(ADDED)
    a_log_group(where.aws, NAME.replace("predict", "old"), UNTAGGED)
    refused(where, "deploy", step=ADDED.step)
    refused(where, "destroy", "--confirm", "iris")


def test_push_refuses_the_repository_of_somebody_else(where: World) -> None:
    """No image of ours gets into it."""
    where.begin(FIRST)
    a_repository(where.aws, NAME, OTHERS)
    refused(where, "push")


@strangers
def test_destroy_spares_strangers(make: Make, whose: str, where: World) -> None:
    """Whether it looks at them or not: all that is there is theirs."""
    where.begin(FIRST)
    make(where.aws, NAME, TAGS[whose])
    before = where.aws.snapshot()
    where.take(replace(FIRST.step, command=("destroy", "--confirm", "iris")))
    assert where.aws.snapshot() == before


@pytest.mark.parametrize("make", [*OF_A_FUNCTION.values(), a_repository])
def test_what_was_handed_over_is_ours(make: Make, where: World) -> None:
    """With our tags it is taken over, as the error's hint says, and made what the file wants."""
    where.begin(FIRST)
    make(where.aws, NAME, {"mldeploy:project": "iris", "mldeploy:stage": "dev"})
    assert where.take(FIRST.step).code == 0
    where.aws.reset_calls()
    assert where.take(FIRST.step).code == 0
    assert where.aws.mutating_calls() == []


@pytest.mark.parametrize("tags", TAGS.values(), ids=TAGS)
def test_an_api_of_our_name_is_left_alone(tags: dict[str, str], where: World) -> None:
    """API Gateway allows a name twice: ours is made beside it, and destroy spares the other."""
    where.begin(FIRST)
    gateway = where.aws.client("apigatewayv2")
    theirs = gateway.create_api(Name="mldeploy_iris_dev", ProtocolType="HTTP", Tags=tags)["ApiId"]
    assert where.take(FIRST.step).code == 0
    assert theirs in {one["ApiId"] for one in gateway.get_apis()["Items"]}
    assert where.take(BY_NAME["destroy"].step).code == 0
    assert [one["ApiId"] for one in gateway.get_apis()["Items"]] == [theirs]

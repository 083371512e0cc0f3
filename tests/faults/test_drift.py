"""What somebody changed or deleted by hand, mended by the next deploy as a whole."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.chain import served
from tests.faults.operations import BY_NAME, Step
from tests.faults.world import World
from tests.strict.aws import StrictAws
from tests.support.api_drifts import NAME, Drift
from tests.support.drifts import DRIFTS, REPOSITORY, ROLE
from tests.support.stacks import context

MEMORY = BY_NAME["new memory"]
"""It begins with a stage that is deployed."""


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
]  # fmt: skip


def mended(where: World, met: set[Any]) -> None:
    """Deploy: what was served is served, and one more deploy changes nothing."""
    outcome = where.take(MEMORY.start[0])
    assert outcome.code == 0, outcome.error
    assert set(served(where.aws).values()) == met
    where.aws.reset_calls()
    assert where.take(MEMORY.start[0]).code == 0
    assert where.aws.mutating_calls() == []


@pytest.mark.parametrize(
    "drift",
    [drift for kind, _, drift in DRIFTS if kind != "image"],
    ids=[f"{kind}: {name}" for kind, name, _ in DRIFTS if kind != "image"],
)
def test_the_next_deploy_mends_what_was_changed_by_hand(drift: Drift, where: World) -> None:
    """One thing changed: the deploy succeeds, the release answers, nothing is left to do."""
    where.begin(MEMORY)
    met = set(served(where.aws).values())
    with where.aws.unwatched():
        drift(context(where.aws.put_image))
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

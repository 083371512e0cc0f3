"""What others may set on our resources is no drift, and outlives our own changes."""

import json
from typing import Any

import pytest

from mldeploy.plan.apply import apply
from mldeploy.plan.diff import Plan, diff
from mldeploy.plan.observe import observe
from mldeploy.resources.base import Context, Resource
from mldeploy.resources.kinds import ORDER
from tests.strict.aws import StrictAws
from tests.support.stacks import config, context, stack_of

REPOSITORY = "mldeploy/iris"
FOREIGN = {
    "Sid": "LambdaECRImageRetrievalPolicy",
    "Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"},
    "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
}


@pytest.fixture
def deployed(aws: StrictAws) -> tuple[Context, tuple[Resource, ...]]:
    where, desired = context(aws.put_image), stack_of(config())
    apply(diff(desired, {}, ORDER), where)
    where.reads.again()
    return where, desired


def planned(where: Context, desired: tuple[Resource, ...]) -> Plan:
    where.reads.again()
    return diff(desired, observe(desired, where.reads), ORDER)


def policy(aws: StrictAws) -> dict[str, Any]:
    found = aws.client("ecr").get_repository_policy(repositoryName=REPOSITORY)
    return dict(json.loads(found["policyText"]))


def put_policy(aws: StrictAws, document: dict[str, Any]) -> None:
    aws.client("ecr").set_repository_policy(
        repositoryName=REPOSITORY, policyText=json.dumps(document)
    )


@pytest.mark.parametrize("version", ["2012-10-17", "2008-10-17"])
def test_statements_of_others_are_no_drift(
    version: str, aws: StrictAws, deployed: tuple[Context, tuple[Resource, ...]]
) -> None:
    """Lambda adds one of its own to a repository's policy, and its policies are of 2008."""
    put_policy(
        aws, {"Version": version, "Id": "x", "Statement": [FOREIGN, *policy(aws)["Statement"]]}
    )
    assert not planned(*deployed)


def test_our_statement_is_merged_in(
    aws: StrictAws, deployed: tuple[Context, tuple[Resource, ...]]
) -> None:
    """Where ours is gone or changed it is put back, and the others' stay as they are."""
    where, desired = deployed
    (ours,) = policy(aws)["Statement"]
    for left in ([FOREIGN], [FOREIGN, {**ours, "Effect": "Deny"}]):
        put_policy(aws, {"Version": "2008-10-17", "Statement": left})
        plan = planned(where, desired)
        assert [one.subject.kind for one in plan.changes] == ["repository"]
        apply(plan, where)
        found = policy(aws)["Statement"]
        assert len(found) == 2
        assert FOREIGN in found
        assert ours in found
        assert not planned(where, desired)


def test_a_single_statement_needs_no_list(
    aws: StrictAws, deployed: tuple[Context, tuple[Resource, ...]]
) -> None:
    """IAM's grammar: Statement is one or a list of them."""
    (ours,) = policy(aws)["Statement"]
    put_policy(aws, {"Version": "2012-10-17", "Statement": ours})
    assert not planned(*deployed)


def test_enhanced_scanning_is_the_accounts(
    aws: StrictAws, deployed: tuple[Context, tuple[Resource, ...]]
) -> None:
    """With it every repository says scanOnPush: false, and setting that changes nothing."""
    aws.client("ecr").put_registry_scanning_configuration(scanType="ENHANCED", rules=[])
    found = aws.client("ecr").describe_repositories()["repositories"][0]
    assert found["imageScanningConfiguration"] == {"scanOnPush": False}
    assert not planned(*deployed)

"""A state machine beside its jobs: the contract of all kinds is in tests/resources."""

from dataclasses import replace

import pytest

from mldeploy.config import BatchConfig, Config
from mldeploy.config.freeze import with_batches
from mldeploy.errors import MldeployError
from mldeploy.plan.apply import apply
from mldeploy.plan.diff import diff
from mldeploy.resources.kinds import ORDER
from mldeploy.resources.state_machine import StateMachine
from tests.strict.aws import StrictAws
from tests.support.stacks import config, context, stack_of

PREFIXES = BatchConfig(inputs=("s3://data/in/",), outputs=("s3://data/out/",))


@pytest.fixture
def settings(aws: StrictAws) -> Config:
    """A deployed project with [batch]."""
    found = with_batches(config(batch=PREFIXES))
    aws.least.settings = found
    apply(diff(stack_of(found), {}, ORDER), context(aws.put_image))
    return found


def machine(settings: Config) -> StateMachine:
    return next(one for one in stack_of(settings) if isinstance(one, StateMachine))


def test_a_running_job_is_stopped_before_the_deletion(aws: StrictAws, settings: Config) -> None:
    """Step Functions would wait for its end; the next one of this name is made at once after."""
    ours, where = machine(settings), context(aws.put_image)
    client = aws.client("stepfunctions")
    (found,) = client.list_state_machines()["stateMachines"]
    client.start_execution(stateMachineArn=found["stateMachineArn"], input="{}")
    ours.delete(where)
    assert "states:StopExecution" in aws.least.used
    assert client.list_state_machines()["stateMachines"] == []
    ours.create(where)
    where.reads.again()
    assert ours.observe(where.reads) == ours


def test_another_definition_of_this_name_is_a_rival(aws: StrictAws, settings: Config) -> None:
    """CreateStateMachine refuses it, so nothing of theirs is changed."""
    other = replace(machine(settings), definition='{"StartAt":"A","States":{"A":{}}}')
    with pytest.raises(Exception, match="StateMachineAlreadyExists"):
        other.create(context(aws.put_image))


def test_a_role_of_the_users_is_the_state_machines_too(settings: Config) -> None:
    """And then mldeploy makes no role."""
    arn = "arn:aws:iam::123456789012:role/theirs"
    found = stack_of(replace(settings, role=replace(settings.role, arn=arn)))
    assert {one.role for one in found if isinstance(one, StateMachine)} == {arn}
    assert [one for one in found if one.kind == "role"] == []


def test_a_deletion_that_takes_too_long_has_a_fix(aws: StrictAws, settings: Config) -> None:
    """After ten minutes of polls."""
    aws.state.seen_after_deletion = 10_000
    with pytest.raises(MldeployError) as caught:
        machine(settings).delete(context(aws.put_image))
    assert caught.value.code == "MLD424"


def test_what_is_being_deleted_is_gone_for_a_plan(aws: StrictAws, settings: Config) -> None:
    """It can't be updated; `create` waits until it doesn't exist."""
    ours, where = machine(settings), context(aws.put_image)
    client = aws.client("stepfunctions")
    (found,) = client.list_state_machines()["stateMachines"]
    aws.state.seen_after_deletion = 3
    client.delete_state_machine(stateMachineArn=found["stateMachineArn"])
    assert client.describe_state_machine(stateMachineArn=found["stateMachineArn"])["status"] == (
        "DELETING"
    )
    where.reads.again()
    assert ours.observe(where.reads) is None

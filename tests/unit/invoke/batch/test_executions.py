"""Executions of a stage's state machine: one per output at a time, found by their ids."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from mldeploy.config import BatchConfig, Config
from mldeploy.config.freeze import with_batches
from mldeploy.errors import MldeployError
from mldeploy.invoke.batch.executions import (
    Execution,
    Pinned,
    execution_of,
    next_id,
    pinned,
    prefix_of,
    start,
    stop,
)
from mldeploy.invoke.batch.following import failure, follow
from mldeploy.invoke.batch.price import rates_of
from mldeploy.invoke.batch.tally import Scored, Tally
from mldeploy.plan.apply import apply
from mldeploy.plan.diff import diff
from mldeploy.resources.base import Context
from mldeploy.resources.kinds import ORDER
from tests.strict.aws import REGION, Call, StrictAws
from tests.support.stacks import ACCOUNT, config, context, stack_of

PREFIXES = BatchConfig(inputs=("s3://data/in/",), outputs=("s3://data/out/",))
OUTPUT, KEY = "s3://data/out/monday/", "out/monday/"
FUNCTION = "mldeploy_iris_dev_predict-batch"


@pytest.fixture
def settings(aws: StrictAws) -> Config:
    """A deployed project with [batch]."""
    found = with_batches(config(batch=PREFIXES))
    aws.least.settings = found
    apply(diff(stack_of(found), {}, ORDER), context(aws.put_image))
    return found


@pytest.fixture
def where(aws: StrictAws, settings: Config) -> Context:
    del settings
    return context(aws.put_image)


@pytest.fixture
def bucket(aws: StrictAws, settings: Config, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The user's own client of S3, with the bucket of the outputs."""
    del settings
    # moto 5.2.5 stores the frames of a body with a trailing checksum as part of it.
    monkeypatch.setenv("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
    client = aws.client("s3")
    client.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": REGION})
    return client


def code(error: pytest.ExceptionInfo[MldeployError]) -> str:
    return error.value.code


def test_a_job_is_pinned_to_the_live_version(settings: Config, where: Context) -> None:
    """By its number: an alias may move while the job runs."""
    found = pinned(settings, where.reads)
    assert (found.function, found.version) == (FUNCTION, "1")
    assert found.arn == ACCOUNT.arn("lambda", f"function:{FUNCTION}:1")
    assert found.release


def test_without_a_function_there_is_a_way_out(aws: StrictAws, where: Context) -> None:
    """[batch] is missing, or isn't deployed yet."""
    del aws
    with pytest.raises(MldeployError) as caught:
        pinned(config(), where.reads)
    assert code(caught) == "MLD646"
    with pytest.raises(MldeployError) as caught:
        pinned(with_batches(config(stage="prod", batch=PREFIXES)), where.reads)
    assert code(caught) == "MLD440"


def test_an_output_has_one_execution_at_a_time(
    aws: StrictAws, settings: Config, where: Context
) -> None:
    """The refusal names the one that runs; after its end the next one gets the next number."""
    wanted = pinned(settings, where.reads)
    next_id(OUTPUT, wanted, where)
    first = start(OUTPUT, wanted, where)
    assert first == f"{prefix_of(OUTPUT)}-1"
    for again in (start, next_id):
        with pytest.raises(MldeployError, match=first) as caught:
            again(OUTPUT, wanted, where)
        assert code(caught) == "MLD647"
    assert start(f"{OUTPUT}other/", wanted, where) != first
    assert stop(first, FUNCTION, where).status == "ABORTED"
    assert stop(first, FUNCTION, where).status == "ABORTED"
    assert start(OUTPUT, wanted, where) == f"{prefix_of(OUTPUT)}-2"
    arn = ACCOUNT.arn("states", f"execution:{FUNCTION}:{first}")
    told = json.loads(aws.client("stepfunctions").describe_execution(executionArn=arn)["input"])
    assert told == {
        "output": OUTPUT,
        "bucket": "data",
        "key": "out/monday/_job/chunks-todo.jsonl",
        "function": wanted.arn,
        "round": 0,
    }


def test_of_two_starts_at_the_same_moment_one_is_refused(
    aws: StrictAws, settings: Config, where: Context
) -> None:
    """Both saw no execution; the name is unique, so Step Functions accepts one."""
    wanted = pinned(settings, where.reads)
    client = aws.client("stepfunctions")
    (machine,) = client.list_state_machines()["stateMachines"]

    def rival(call: Call) -> None:
        if call.operation == "StartExecution":
            client.start_execution(
                stateMachineArn=machine["stateMachineArn"],
                name=call.params["name"],
                input='{"another": 1}',
            )

    aws.around = rival
    with pytest.raises(MldeployError) as caught:
        start(OUTPUT, wanted, where)
    assert code(caught) == "MLD647"


def test_an_unknown_id_has_a_way_out(where: Context) -> None:
    """For status and stop."""
    for ask in (execution_of, stop):
        with pytest.raises(MldeployError) as caught:
            ask("other-1", FUNCTION, where)
        assert code(caught) == "MLD649"


def test_a_stopped_job_says_how_to_go_on(aws: StrictAws, settings: Config) -> None:
    """Following it ends with MLD648."""
    where = context(aws.put_image)
    wanted: Pinned = pinned(settings, where.reads)
    name = start(OUTPUT, wanted, where)
    stop(name, FUNCTION, where)
    with pytest.raises(MldeployError, match="was stopped") as caught:
        follow(name, FUNCTION, rates_of(settings, ACCOUNT.region), Tally(OUTPUT, where), where)
    assert code(caught) == "MLD648"
    assert "again" in (caught.value.hint or "")
    assert failure(execution_of(name, FUNCTION, where), where).code == "MLD648"


def test_too_many_errors_name_rows(aws: StrictAws, bucket: Any) -> None:
    """They are in the function's files; another failure has nothing to do with them."""
    where = context(aws.put_image)
    line = json.dumps({"row": 3, "reason": "'age': expected a number, got a text"})
    bucket.put_object(Bucket="data", Key=f"{KEY}_job/errors/part-1.jsonl", Body=line.encode())
    found = Execution("a-1", OUTPUT, "FAILED", datetime.now(UTC))
    too_many = replace(found, error="States.TaskFailed", cause='{"errorType":"TooManyErrorsError"}')
    said = failure(too_many, where).details
    assert said == (("reason", "'age': expected a number, got a text"),)
    assert failure(replace(found, error="Lambda.Unknown"), where).details == ()


def test_progress_counts_rows_by_records_that_are_read_once(aws: StrictAws, bucket: Any) -> None:
    """A record of a file that can't be cut has no counts, and one that is deleted doesn't count."""
    where = context(aws.put_image)

    def record(name: str, **content: Any) -> None:
        body = json.dumps({"part": name, **content}).encode()
        bucket.put_object(Bucket="data", Key=f"{KEY}_job/done/{name}.json", Body=body)

    tally = Tally(OUTPUT, where)
    assert tally.count() == Scored()
    record("part-1", rows=10, errors=2)
    record("part-2", again=True)
    assert tally.count() == Scored(10, 2)
    record("part-3", rows=5, errors=0)
    seen: list[str] = []
    aws.around = lambda call: seen.append(call.params.get("Key", "")) if call else None
    assert tally.count() == Scored(15, 2)
    assert [key for key in seen if key] == [f"{KEY}_job/done/part-3.json"]
    bucket.delete_object(Bucket="data", Key=f"{KEY}_job/done/part-1.json")
    assert tally.count() == Scored(5, 0)


def test_ctrl_c_leaves_the_job_running(aws: StrictAws, settings: Config, bucket: Any) -> None:
    """And says how to follow or stop it."""
    del bucket
    where = context(aws.put_image)
    name = start(OUTPUT, pinned(settings, where.reads), where)

    def interrupt(_seconds: float) -> None:
        raise KeyboardInterrupt

    where.clients.sleep = interrupt
    with pytest.raises(MldeployError) as caught:
        follow(name, FUNCTION, rates_of(settings, ACCOUNT.region), Tally(OUTPUT, where), where)
    assert code(caught) == "MLD130"
    for verb in ("status", "stop"):
        assert f"mldeploy batch {verb} {name}" in (caught.value.hint or "")
    assert execution_of(name, FUNCTION, where).status == "RUNNING"

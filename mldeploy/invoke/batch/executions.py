"""Jobs on Step Functions: starts, reads and stops executions of a stage's state machine.

An execution's name is made of its output and a number, so that two starts of one job meet: the
names of a state machine's executions are unique for 90 days (botocore stepfunctions:
StartExecution).
"""

import json
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from mldeploy.config import Config
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.resources.base import Context, Reads, short_hash
from mldeploy.resources.bucket_access import parts_of
from mldeploy.resources.lambda_state import live_version, release_of_version
from mldeploy.resources.states_policy import machine_arn

TODO = "_job/chunks-todo.jsonl"
"""The list of chunks that the function writes below the output, for the map to read."""
RUNNING = "RUNNING"


@dataclass(frozen=True)
class Pinned:
    """The version of the batch function that a job uses from its start to its end.

    Attributes:
        function: its name in Lambda, which is also the state machine's.
        version: its number.
        release: its release's id.
        arn: of the version.
    """

    function: str
    version: str
    release: str
    arn: str


@dataclass(frozen=True)
class Chunks:
    """How many chunks of the current round are done, being scored, waiting and failed."""

    total: int = 0
    done: int = 0
    running: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Execution:
    """An execution as Step Functions describes it.

    Attributes:
        id: its name.
        output: the job's.
        status: RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED.
        started: its time.
        ended: its time, or None.
        chunks: of its newest map; all 0 before the first.
        error: why it failed; "" if it didn't.
        cause: Step Functions' text on that, or the function's.
    """

    id: str
    output: str
    status: str
    started: datetime
    ended: datetime | None = None
    chunks: Chunks = Chunks()
    error: str = ""
    cause: str = ""


def pinned(config: Config, reads: Reads) -> Pinned:
    """Return the live version of the stage's batch function.

    Raises:
        MldeployError: MLD646 without [batch], MLD440 if the function isn't deployed.
    """
    if config.batches is None:
        raise MldeployError(
            "MLD646",
            f"{config.file.name} has no [batch], so the stage has no function for jobs",
            "add [batch] with `inputs` and `outputs`, then run `mldeploy deploy`; or pass "
            "--engine local",
            exit_code=ExitCode.USAGE,
        )
    name = config.function_name(config.batches.name)
    version = live_version(name, reads)
    if not version:
        raise MldeployError(
            "MLD440",
            f"the function {name}, which [batch] asks for, isn't deployed",
            "run `mldeploy deploy`",
        )
    arn = reads.account.arn("lambda", f"function:{name}:{version}")
    return Pinned(name, version, release_of_version(name, version, reads), arn)


def start(output: str, wanted: Pinned, context: Context) -> str:
    """Start a job whose documents are in its output, and return the execution's id.

    Raises:
        MldeployError: MLD647 if an execution of this output runs.
    """
    name = next_id(output, wanted, context)
    client = context.clients.client("stepfunctions")
    bucket, key = parts_of(output)
    told = {"output": output, "bucket": bucket, "key": key + TODO, "function": wanted.arn}
    try:
        client.start_execution(
            stateMachineArn=machine_arn(wanted.function, context.account),
            name=name,
            input=json.dumps({**told, "round": 0}, sort_keys=True),
        )
    except client.exceptions.ExecutionAlreadyExists as error:
        raise _runs(name, output) from error  # another start was faster by a moment
    return name


def next_id(output: str, wanted: Pinned, context: Context) -> str:
    """Return the id of an output's next execution.

    Raises:
        MldeployError: MLD647 if one of this output runs.
    """
    for number in count(1):
        name = f"{prefix_of(output)}-{number}"
        known = described(name, wanted.function, context)
        if known is None:
            return name
        if known["status"] == RUNNING:
            raise _runs(name, output)
    raise AssertionError("count() doesn't end")


def prefix_of(output: str) -> str:
    """Return how the ids of an output's executions begin."""
    return short_hash(output, 12)


def described(name: str, function: str, context: Context) -> dict[str, Any] | None:
    """Return an execution as Step Functions describes it, or None."""
    client = context.clients.client("stepfunctions")
    try:
        found: dict[str, Any] = client.describe_execution(
            executionArn=_arn(name, function, context)
        )
    except client.exceptions.ExecutionDoesNotExist:
        return None
    return found


def execution_of(name: str, function: str, context: Context) -> Execution:
    """Return an execution with the counts of its newest map.

    Raises:
        MldeployError: MLD649 if there is none with this id.
    """
    found = described(name, function, context)
    if found is None:
        raise MldeployError(
            "MLD649",
            f"no job has the id {name!r} in this stage",
            "use the id that `mldeploy batch` printed; Step Functions forgets a job 90 days "
            "after its end",
        )
    return Execution(
        name,
        json.loads(found["input"])["output"],
        found["status"],
        found["startDate"],
        found.get("stopDate"),
        _chunks(_arn(name, function, context), context),
        found.get("error", ""),
        found.get("cause", ""),
    )


def stop(name: str, function: str, context: Context) -> Execution:
    """Stop an execution unless it has ended, and return it; done chunks stay done.

    Raises:
        MldeployError: MLD649 if there is none with this id.
    """
    found = execution_of(name, function, context)
    if found.status == RUNNING:
        client = context.clients.client("stepfunctions")
        client.stop_execution(
            executionArn=_arn(name, function, context), cause="mldeploy batch stop"
        )
        found = execution_of(name, function, context)
    return found


def _chunks(arn: str, context: Context) -> Chunks:
    client = context.clients.client("stepfunctions")
    runs = client.get_paginator("list_map_runs").paginate(executionArn=arn).build_full_result()
    listed = sorted(runs.get("mapRuns", []), key=lambda one: one["startDate"])
    if not listed:
        return Chunks()
    found = client.describe_map_run(mapRunArn=listed[-1]["mapRunArn"])["itemCounts"]
    failed = found["failed"] + found["timedOut"] + found["aborted"]
    return Chunks(found["total"], found["succeeded"], found["running"], failed)


def _arn(name: str, function: str, context: Context) -> str:
    return context.account.arn("states", f"execution:{function}:{name}")


def _runs(name: str, output: str) -> MldeployError:
    return MldeployError(
        "MLD647",
        f"the job {name} runs, and writes to {output}",
        f"follow it with `mldeploy batch status {name} --follow`, or stop it with `mldeploy "
        f"batch stop {name}`",
    )

"""The permissions that `mldeploy batch` needs, beside those for deploying its resources."""

from collections.abc import Callable

from mldeploy.config import Config
from mldeploy.resources.bucket_access import LIST, READ, WRITE, lists, objects_of
from mldeploy.resources.kind import Calls, Condition
from mldeploy.resources.state_machine import EXECUTIONS, MACHINES

RUNS = ("arn:*:states:{region}:*:mapRun:{names}",)


def batch_calls(config: Config) -> list[Calls]:
    """Return the calls that plan, start, follow and stop jobs; none without [batch].

    Service authorization reference for AWS Step Functions: ListMapRuns is authorized on an
    execution, DescribeMapRun on a map run.
    """
    batch = config.batch
    if batch is None:
        return []
    found = [
        Calls(("states:StartExecution",), MACHINES, "Batch"),
        Calls(("states:DescribeExecution", "states:ListMapRuns"), EXECUTIONS, "BatchRuns"),
        Calls(("states:DescribeMapRun",), RUNS, "BatchMaps"),
    ]
    for actions, prefixes in ((READ, batch.inputs), (WRITE, batch.outputs)):
        if prefixes:
            on = tuple(sorted(set(objects_of(prefixes, "*"))))
            found.append(Calls(actions, on, "BatchObjects"))
    for bucket, condition in lists((*batch.inputs, *batch.outputs), "*"):
        found.append(Calls(LIST, (bucket,), "BatchBuckets", when=_always(condition)))
    return found


def _always(condition: Condition) -> Callable[[Config], Condition]:
    """Return the function that gives a condition whatever the settings are."""
    return lambda _config: condition

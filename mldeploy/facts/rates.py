"""How many calls a second AWS's control planes grant to an account in a region.

None of Lambda's and API Gateway's quotas can be raised.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """What AWS grants: calls a second, and how many at once."""

    per_second: float
    burst: float


def _a_second(calls: float) -> Rate:
    """Return a rate of which AWS publishes no burst: what a second grants may come at once."""
    return Rate(calls, calls)


LAMBDA = {"GetFunction": _a_second(100), "GetPolicy": _a_second(15)}
"""Lambda developer guide, "Lambda quotas", API requests."""
OTHER_LAMBDA = _a_second(15)
"""All other calls together (the same page)."""
GATEWAY = Rate(10, 40)
"""API Gateway developer guide, "Amazon API Gateway quotas": total operations."""
LOGS = dict.fromkeys(("CreateLogGroup", "DeleteLogGroup", "DescribeLogGroups"), _a_second(10))
"""CloudWatch Logs user guide, "CloudWatch Logs quotas": each operation has its own."""
OTHER_LOGS = _a_second(5)
"""The same page."""
METRICS = _a_second(50)
"""CloudWatch user guide, "CloudWatch service quotas": GetMetricData."""
UNPUBLISHED = Rate(25, 50)
"""For IAM, ECR and EventBridge AWS publishes none for what is called here: a guess, that a refusal
corrects."""
OTHER_READS, OTHER_WRITES = _a_second(9), _a_second(3)
"""Of each operation of any other service, so that a new kind is slow rather than refused: as little
as CloudWatch grants for alarms (the same page: DescribeAlarms, DeleteAlarms)."""
_ALONE = {"cloudwatch": {"GetMetricData": METRICS}, "lambda": LAMBDA, "logs": LOGS}
_TOGETHER = {
    "apigatewayv2": GATEWAY,
    "lambda": OTHER_LAMBDA,
    **dict.fromkeys(("ecr", "events", "iam"), UNPUBLISHED),
}
_READS = ("BatchGet", "Describe", "Get", "List")


def quota(service: str, operation: str) -> tuple[str, Rate] | None:
    """Return which quota a call counts towards, by name, and what AWS grants.

    None for a call of the data plane: Invoke is limited by the functions' concurrency.

    Args:
        service: boto3's name of it.
        operation: as in AWS's API reference.
    """
    if (service, operation) == ("lambda", "Invoke"):
        return None
    alone = _ALONE.get(service, {}).get(operation)
    if alone is None and service in _TOGETHER:
        return service, _TOGETHER[service]
    return f"{service} {operation}", alone or _other(service, operation)


def _other(service: str, operation: str) -> Rate:
    if service == "logs":
        return OTHER_LOGS
    return OTHER_READS if operation.startswith(_READS) else OTHER_WRITES

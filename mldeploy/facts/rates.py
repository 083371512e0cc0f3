"""Rate limits of AWS's control planes per account and region.

Lambda's and API Gateway's can't be raised.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """A rate limit: calls per second, and burst."""

    per_second: float
    burst: float


def _a_second(calls: float) -> Rate:
    """Return a rate without a published burst: the burst is one second's calls."""
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
"""AWS publishes none for the calls to IAM, ECR and EventBridge here: an estimate, which throttling
errors correct."""
OTHER_READS, OTHER_WRITES = _a_second(9), _a_second(3)
"""For each operation of any other service, so that a new kind is slow rather than throttled:
CloudWatch's limit for alarms (the same page: DescribeAlarms, DeleteAlarms)."""
_ALONE = {"cloudwatch": {"GetMetricData": METRICS}, "lambda": LAMBDA, "logs": LOGS}
_TOGETHER = {
    "apigatewayv2": GATEWAY,
    "lambda": OTHER_LAMBDA,
    **dict.fromkeys(("ecr", "events", "iam"), UNPUBLISHED),
}
_READS = ("BatchGet", "Describe", "Get", "List")


def quota(service: str, operation: str) -> tuple[str, Rate] | None:
    """Return the name of a call's quota, and its rate.

    Returns None for a call of the data plane: Invoke is limited by the functions' concurrency, and
    S3 by thousands of requests per second and prefix (S3 user guide, "Best practices design
    patterns: optimizing Amazon S3 performance").

    Args:
        service: its name in boto3.
        operation: its name in AWS's API reference.
    """
    if service == "s3" or (service, operation) == ("lambda", "Invoke"):
        return None
    alone = _ALONE.get(service, {}).get(operation)
    if alone is None and service in _TOGETHER:
        return service, _TOGETHER[service]
    return f"{service} {operation}", alone or _other(service, operation)


def _other(service: str, operation: str) -> Rate:
    if service == "logs":
        return OTHER_LOGS
    return OTHER_READS if operation.startswith(_READS) else OTHER_WRITES

"""Permissions of an execution role for its function's VPC, dead-letter target and traces."""

from typing import Any

from mldeploy.config import FunctionConfig

# Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC":
# AWSLambdaVPCAccessExecutionRole without its permissions for logs. Their resources aren't known
# before Lambda creates the network interfaces.
_NETWORK = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
)
# AWSXRayDaemonWriteAccess, as far as Lambda uses it (developer guide, "Visualize Lambda function
# invocations using AWS X-Ray"); neither supports resources.
_TRACES = ("xray:PutTelemetryRecords", "xray:PutTraceSegments")


def surroundings_statements(function: FunctionConfig) -> list[dict[str, Any]]:
    """Return the statements for a function's VPC, dead-letter target and traces."""
    statements = []
    if function.vpc:
        statements.append(_allow(_NETWORK, "*"))
    if function.dead_letter:
        action = "sqs:SendMessage" if ":sqs:" in function.dead_letter else "sns:Publish"
        statements.append(_allow((action,), function.dead_letter))
    if function.tracing:
        statements.append(_allow(_TRACES, "*"))
    return statements


def _allow(actions: tuple[str, ...], resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}

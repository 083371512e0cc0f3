"""The resource that IAM looks at for a call: service authorization reference, "Resource types"."""

from collections.abc import Callable
from typing import Any

from tests.strict.calls import ACCOUNT

Params = dict[str, Any]


def _lambda(params: Params, region: str) -> str:
    """A function, or its alias or version where the call names one."""
    given = params.get("FunctionName") or params.get("Resource")
    if given is None:
        return "*"
    name = str(given).rpartition(":function:")[2]
    qualifier = params.get("Qualifier")
    arn = f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}"
    return f"{arn}:{qualifier}" if qualifier and ":" not in name else arn


def _iam(params: Params, region: str) -> str:
    del region  # IAM knows none
    if "RoleName" in params:
        return f"arn:aws:iam::{ACCOUNT}:role/{params['RoleName']}"
    return str(params.get("PolicyArn", "*"))


def _ecr(params: Params, region: str) -> str:
    if "resourceArn" in params:
        return str(params["resourceArn"])
    names = params.get("repositoryNames") or [params.get("repositoryName")]
    if names == [None]:
        return "*"
    return f"arn:aws:ecr:{region}:{ACCOUNT}:repository/{names[0]}"


def _logs(params: Params, region: str) -> str:
    """FilterLogEvents is refused "on resource: …:log-group:NAME:log-stream:"."""
    if "resourceArn" in params:
        return str(params["resourceArn"])
    if "logGroupName" not in params:
        return "*"
    group = f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{params['logGroupName']}"
    return f"{group}:log-stream:"


def _events(params: Params, region: str) -> str:
    if "ResourceARN" in params:
        return str(params["ResourceARN"])
    name = params.get("Rule") or params.get("Name")
    return f"arn:aws:events:{region}:{ACCOUNT}:rule/{name}" if name else "*"


def _cloudwatch(params: Params, region: str) -> str:
    """An alarm; metrics have no resource type."""
    if "ResourceARN" in params:
        return str(params["ResourceARN"])
    names = params.get("AlarmNames") or [params.get("AlarmName")]
    return f"arn:aws:cloudwatch:{region}:{ACCOUNT}:alarm:{names[0]}" if names != [None] else "*"


def _kms(params: Params, region: str) -> str:
    del region  # it is the key's own
    return str(params.get("KeyId", "*"))


def _states(params: Params, region: str) -> str:
    """A state machine, an execution or a map run; a new state machine has a name alone."""
    for name in ("stateMachineArn", "resourceArn", "executionArn", "mapRunArn"):
        if name in params:
            return str(params[name])
    return f"arn:aws:states:{region}:{ACCOUNT}:stateMachine:{params['name']}"


def _s3(params: Params, region: str) -> str:
    del region  # a bucket's name is unique
    key = f"/{params['Key']}" if "Key" in params else ""
    return f"arn:aws:s3:::{params['Bucket']}{key}"


def _none(params: Params, region: str) -> str:
    del params, region
    return "*"


ARNS: dict[str, Callable[[Params, str], str]] = {
    "lambda": _lambda,
    "iam": _iam,
    "ecr": _ecr,
    "logs": _logs,
    "events": _events,
    "cloudwatch": _cloudwatch,
    "kms": _kms,
    "s3": _s3,
    "stepfunctions": _states,
}

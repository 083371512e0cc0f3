"""Concurrency and schedules, where moto 5.2.5 has nothing or is laxer than AWS."""

from typing import Any

from moto.backends import get_backend

from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION, Call, RefusedError, after, before
from tests.strict.lambda_store import LATEST, aliases, arn, functions, named, plain, version_of

_TARGETS = 5


def _configured(aws: StrictAws, call: Call) -> dict[str, Any]:
    which = named(call)
    version_of(*which)
    if which not in aws.state.provisioned:
        raise RefusedError(
            "ProvisionedConcurrencyConfigNotFoundException",
            "No Provisioned Concurrency Config found for this function",
            404,
        )
    return aws.state.provisioned[which]


def _require_no_weights(aws: StrictAws, call: Call) -> None:
    """A weighted alias: "Alias with weights can not be used with Provisioned Concurrency".

    serverless-application-model#1353 and terraform#24957 quote it, for setting and for removing.
    """
    name, qualifier = named(call)
    alias = aliases(name).get(qualifier)
    if (name, qualifier) in aws.state.shifts or (
        alias and (alias.routing_config or {}).get("AdditionalVersionWeights")
    ):
        raise RefusedError(
            "InvalidParameterValueException",
            "Alias with weights can not be used with Provisioned Concurrency",
        )


@before("lambda:PutProvisionedConcurrencyConfig")
def environments_take_a_while(aws: StrictAws, call: Call) -> dict[str, Any]:
    """PutProvisionedConcurrencyConfig API reference: 202, IN_PROGRESS; never on $LATEST.

    Lambda developer guide, "Configuring provisioned concurrency": not more than is reserved.
    """
    which = named(call)
    version_of(*which)
    if which[1] == LATEST:
        raise RefusedError(
            "InvalidParameterValueException",
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
        )
    _require_no_weights(aws, call)
    wanted = call.params["ProvisionedConcurrentExecutions"]
    reserved = functions()[which[0]]["latest"].reserved_concurrency
    if reserved is not None and wanted > reserved:
        raise RefusedError(
            "InvalidParameterValueException",
            "Requested Provisioned Concurrency should not be greater than the "
            "reservedConcurrentExecution for function",
        )
    aws.state.provisioned[which] = {"count": wanted, "reads": aws.state.reads}
    return _answer(aws, which)


@before("lambda:GetProvisionedConcurrencyConfig")
def a_read_tells_how_far_it_is(aws: StrictAws, call: Call) -> dict[str, Any]:
    """GetProvisionedConcurrencyConfig API reference: Status and StatusReason."""
    found = _configured(aws, call)
    answer = _answer(aws, named(call))
    if not aws.peeks:
        found["reads"] = max(0, found["reads"] - 1)
    return answer


def _answer(aws: StrictAws, which: tuple[str, str]) -> dict[str, Any]:
    found = aws.state.provisioned[which]
    busy = found["reads"] or which in aws.state.shifts
    ready = 0 if busy or aws.state.unprovisionable else found["count"]
    answer = {
        "RequestedProvisionedConcurrentExecutions": found["count"],
        "AvailableProvisionedConcurrentExecutions": ready,
        "AllocatedProvisionedConcurrentExecutions": ready,
        "Status": "IN_PROGRESS" if busy else "READY",
    }
    if aws.state.unprovisionable and not found["reads"]:
        answer["Status"], answer["StatusReason"] = "FAILED", aws.state.unprovisionable
    return answer


@before("lambda:DeleteProvisionedConcurrencyConfig")
def environments_are_given_back(aws: StrictAws, call: Call) -> dict[str, Any]:
    """DeleteProvisionedConcurrencyConfig API reference."""
    _configured(aws, call)
    _require_no_weights(aws, call)
    del aws.state.provisioned[named(call)]
    return {}


@before("lambda:ListProvisionedConcurrencyConfigs")
def environments_are_listed(aws: StrictAws, call: Call) -> dict[str, Any]:
    """ListProvisionedConcurrencyConfigs API reference: all qualifiers of a function."""
    name, _ = named(call)
    version_of(name, LATEST)
    listed = [
        {"FunctionArn": arn(*which), **_answer(aws, which)}
        for which in aws.state.provisioned
        if which[0] == name
    ]
    return {"ProvisionedConcurrencyConfigs": listed}


@before("lambda:PutFunctionConcurrency")
def some_of_the_quota_stays_unreserved(aws: StrictAws, call: Call) -> None:
    """PutFunctionConcurrency API reference, InvalidParameterValueException.

    Lambda developer guide, "Configuring reserved concurrency": 100 of the account's stay for
    functions without; terraform-aws-github-runner#2946 quotes the text. What is provisioned
    can't be more than what is reserved.
    """
    name = plain(call.params["FunctionName"])
    wanted = call.params["ReservedConcurrentExecutions"]
    others = sum(
        one["latest"].reserved_concurrency or 0
        for other, one in functions().items()
        if other != name
    )
    if aws.state.concurrency_quota - others - wanted < 100:
        raise RefusedError(
            "InvalidParameterValueException",
            "Specified ReservedConcurrentExecutions for function decreases account's "
            "UnreservedConcurrentExecution below its minimum value of [100].",
        )
    provisioned = sum(
        found["count"] for which, found in aws.state.provisioned.items() if which[0] == name
    )
    if provisioned > wanted:
        raise RefusedError(
            "InvalidParameterValueException",
            "ReservedConcurrentExecutions should not be lower than the function's total "
            "provisioned concurrency",
        )


@before("lambda:GetAccountSettings")
def the_account_tells_its_quota(aws: StrictAws, _call: Call) -> dict[str, Any]:
    """GetAccountSettings API reference: AccountLimit and AccountUsage; moto doesn't have it."""
    reserved = sum(one["latest"].reserved_concurrency or 0 for one in functions().values())
    quota = aws.state.concurrency_quota
    return {
        "AccountLimit": {
            "ConcurrentExecutions": quota,
            "UnreservedConcurrentExecutions": quota - reserved,
        },
        "AccountUsage": {"FunctionCount": len(functions())},
    }


@after("lambda:DeleteFunction")
def environments_go_with_the_function(aws: StrictAws, call: Call, _parsed: dict[str, Any]) -> None:
    """They belong to a version or an alias (PutProvisionedConcurrencyConfig API reference)."""
    name, number = named(call)
    for which in [one for one in aws.state.provisioned if one[0] == name]:
        if number in (LATEST, which[1]):
            del aws.state.provisioned[which]


@after("lambda:DeleteAlias")
def environments_go_with_the_alias(aws: StrictAws, call: Call, _parsed: dict[str, Any]) -> None:
    """They belong to a version or an alias (PutProvisionedConcurrencyConfig API reference)."""
    aws.state.provisioned.pop((plain(call.params["FunctionName"]), call.params["Name"]), None)


def _rule(name: str) -> Any:
    return get_backend("events")[ACCOUNT][REGION].event_buses["default"].rules.get(name)


@before("events:PutRule")
def a_rules_expression_is_well_formed(_aws: StrictAws, call: Call) -> None:
    """EventBridge user guide, "Rate expressions": 1 minute, else minutes; moto takes both."""
    given = str(call.params.get("ScheduleExpression", ""))
    number, _, unit = given.removeprefix("rate(").removesuffix(")").partition(" ")
    if given.startswith("rate(") and (number == "1") == unit.endswith("s"):
        raise RefusedError("ValidationException", "Parameter ScheduleExpression is not valid.")


@before("events:PutTargets")
def a_rule_has_few_targets(_aws: StrictAws, call: Call) -> None:
    """EventBridge user guide, "Amazon EventBridge quotas": 5 targets a rule."""
    rule = _rule(call.params["Rule"])
    there = {one["Id"] for one in rule.targets} if rule else set()
    if len(there | {one["Id"] for one in call.params["Targets"]}) > _TARGETS:
        raise RefusedError(
            "LimitExceededException", "The requested resource exceeds the maximum number allowed."
        )

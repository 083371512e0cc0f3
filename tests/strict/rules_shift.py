"""What moves with an alias: its environments, bit by bit, and who may share it."""

from typing import Any

from tests.strict import rules_version  # noqa: F401 - its revision is read before ours changes it
from tests.strict.aws import StrictAws
from tests.strict.calls import Call, RefusedError, after, before
from tests.strict.lambda_store import aliases, plain, storage


def _alias(call: Call) -> tuple[str, str]:
    return plain(call.params["FunctionName"]), call.params["Name"]


@before("lambda:UpdateAlias")
def versions_that_share_an_alias_have_one_role(_aws: StrictAws, call: Call) -> None:
    """Two published versions with one execution role and one dead-letter queue.

    Lambda developer guide, "Implement Lambda canary deployments using a weighted alias".
    """
    weights = (call.params.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    name, alias = _alias(call)
    main = call.params.get("FunctionVersion") or aliases(name)[alias].function_version
    for number in weights:
        both = [storage()._get_version(name, one) for one in (main, number)]
        if None not in both and both[0].role != both[1].role:
            raise RefusedError(
                "InvalidParameterValueException",
                "The function versions that an alias points to must have the same execution role.",
            )


@before("lambda:UpdateAlias")
def where_an_alias_was_is_remembered(aws: StrictAws, call: Call) -> None:
    """For the rule below (terraform-provider-aws#48116): moto has moved it when that one runs."""
    name, alias = _alias(call)
    if alias in aliases(name):
        aws.state.aliased[name, alias] = aliases(name)[alias].function_version


@after("lambda:UpdateAlias")
def environments_move_before_requests_do(
    aws: StrictAws, call: Call, parsed: dict[str, Any]
) -> None:
    """With provisioned concurrency all requests go to the old version until the new one is ready.

    terraform-provider-aws#48116: "AWS temporarily injects routing weights", {"1": 1} there.
    """
    which = _alias(call)
    old = aws.state.aliased.pop(which, parsed["FunctionVersion"])
    if which in aws.state.provisioned and old != parsed["FunctionVersion"]:
        aws.state.shifts[which] = old, aws.state.reads + 1


@after("lambda:GetAlias")
def a_shift_shows_as_weights(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """Until it has ended (terraform-provider-aws#48116); the RevisionId is another one then."""
    which = _alias(call)
    if which not in aws.state.shifts:
        return
    old, left = aws.state.shifts[which]
    parsed["RoutingConfig"] = {"AdditionalVersionWeights": {old: 1.0}}
    if aws.peeks:
        return
    aws.state.shifts[which] = old, left - 1
    if left == 1:
        del aws.state.shifts[which]
        aws.state.touch(which)


@after("lambda:DeleteAlias", "lambda:DeleteFunction")
def a_shift_ends_with_its_alias(aws: StrictAws, call: Call, _parsed: dict[str, Any]) -> None:
    """There is nothing left to shift (Lambda API reference, DeleteAlias)."""
    name = plain(call.params["FunctionName"])
    for which in [
        one for one in aws.state.shifts if one[0] == name and one[1] not in aliases(name)
    ]:
        del aws.state.shifts[which]

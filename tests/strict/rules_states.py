"""A function's states beside Pending and Failed, and updates that fail: moto 5.2.5 has none."""

from typing import Any

from tests.strict.aws import StrictAws
from tests.strict.calls import Call, RefusedError, after, before
from tests.strict.lambda_store import LATEST, functions, named, plain
from tests.strict.rules_lambda import complete


@after("lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration")
def an_update_may_fail(aws: StrictAws, call: Call, _parsed: dict[str, Any]) -> None:
    """It fails after it was accepted, and stays Failed until another update ends well.

    Lambda developer guide, "Lambda function states"; botocore's lambda model,
    LastUpdateStatusReasonCode. Invokes are answered as before it.
    """
    name = plain(call.params["FunctionName"])
    aws.state.failed_updates.pop(name, None)
    if name in aws.state.failing:
        aws.state.failed_updates[name] = aws.state.failing[name]


@after("lambda:PublishVersion")
def a_publish_changes_the_newest_revision(
    aws: StrictAws, call: Call, _parsed: dict[str, Any]
) -> None:
    """$LATEST has another RevisionId after each publish; an alias changes nothing of it.

    LocalStack's snapshots recorded on AWS, test_lambda_api.snapshot.json; Lambda API reference,
    PublishVersion.
    """
    aws.state.touch((plain(call.params["FunctionName"]), LATEST))


@before("lambda:DeleteFunction")
def a_deletion_may_take_a_while(aws: StrictAws, call: Call) -> None:
    """Botocore's lambda model, State: Deleting."""
    name, qualifier = named(call)
    if qualifier == LATEST and aws.state.slow_deletions and name in functions():
        found = functions()[name]["latest"].get_configuration()
        complete(aws, found)
        aws.state.states[name, LATEST] = "Deleting"
        aws.state.deleting[name] = found, aws.state.slow_deletions


@before("lambda:GetFunction", "lambda:GetFunctionConfiguration")
def what_is_being_deleted_is_shown(aws: StrictAws, call: Call) -> dict[str, Any] | None:
    """Botocore's lambda model, State: Deleting."""
    name, _ = named(call)
    if name not in aws.state.deleting:
        return None
    found, left = aws.state.deleting[name]
    aws.state.deleting[name] = found, left if aws.peeks else left - 1
    if left == 0:
        del aws.state.deleting[name], aws.state.states[name, LATEST]
        return None
    if call.operation == "GetFunctionConfiguration":
        return dict(found)
    return {"Configuration": found, "Code": {"ImageUri": ""}, "Tags": {}}


@before("lambda:CreateFunction")
def a_name_is_taken_until_it_is_deleted(aws: StrictAws, call: Call) -> None:
    """CreateFunction API reference, ResourceConflictException."""
    if call.params["FunctionName"] in aws.state.deleting:
        raise RefusedError(
            "ResourceConflictException",
            f"Function already exist: {call.params['FunctionName']}",
            409,
        )

"""Step Functions, where moto 5.2.5 is laxer than AWS."""

import json
from typing import Any

from moto.backends import get_backend

from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION, Call, RefusedError, before


def _backend() -> Any:
    return get_backend("stepfunctions")[ACCOUNT][REGION]


def _machine(arn: str) -> Any:
    return next((one for one in _backend().state_machines if one.arn == arn), None)


def _arn(name: str) -> str:
    return f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}"


@before("stepfunctions:CreateStateMachine", "stepfunctions:UpdateStateMachine")
def a_new_role_is_not_assumable_yet(aws: StrictAws, call: Call) -> None:
    """IAM takes seconds to spread a role; go-to-k/cdkd#950 quotes the refusal."""
    role = call.params.get("roleArn", "").rpartition("/")[2]
    if aws.state.fresh_roles.get(role, 0):
        aws.state.fresh_roles[role] -= 1
        raise RefusedError(
            "AccessDeniedException",
            "Neither the global service principal states.amazonaws.com, nor the regional one is "
            "authorized to assume the provided role.",
        )


@before("stepfunctions:CreateStateMachine")
def a_name_is_taken_by_another_definition(aws: StrictAws, call: Call) -> None:
    """CreateStateMachine API reference: idempotent by name, definition, type and logging."""
    arn = _arn(call.params["name"])
    if aws.state.deleted_machines.get(arn):
        raise RefusedError("StateMachineDeleting", f"State machine is deleting: {arn}")
    found = _machine(arn)
    if found is None:
        return
    if json.loads(found.definition) != json.loads(call.params["definition"]):
        raise RefusedError("StateMachineAlreadyExists", f"State Machine Already Exists: {arn!r}")


@before("stepfunctions:UpdateStateMachine")
def an_update_has_something_to_change(_aws: StrictAws, call: Call) -> None:
    """UpdateStateMachine API reference: MissingRequiredParameter."""
    if not {"definition", "roleArn"} & call.params.keys():
        raise RefusedError(
            "MissingRequiredParameter", "Either the definition or the role ARN must be specified"
        )


@before("stepfunctions:CreateStateMachine", "stepfunctions:UpdateStateMachine")
def a_definition_is_in_the_states_language(_aws: StrictAws, call: Call) -> None:
    """CreateStateMachine API reference: InvalidDefinition. tests/clients knows more."""
    text = call.params.get("definition")
    if text is None:
        return
    states = json.loads(text).get("States", {})
    wanted = [json.loads(text).get("StartAt"), *(one.get("Next") for one in states.values())]
    if not states or {one for one in wanted if one} - states.keys():
        raise RefusedError("InvalidDefinition", "Invalid State Machine Definition")


@before("stepfunctions:DeleteStateMachine")
def a_deletion_takes_time(aws: StrictAws, call: Call) -> None:
    """DeleteStateMachine API reference: asynchronous; the tags go with it.

    While executions run it isn't deleted.
    """
    arn = call.params["stateMachineArn"]
    found = _machine(arn)
    if found is None:
        return
    if any(one.status == "RUNNING" for one in found.executions):
        raise AssertionError("it is deleted only when its executions have ended: stop them")
    aws.state.deleted_machines[arn] = aws.state.seen_after_deletion
    _backend().tagger.delete_all_tags_for_resource(arn)


@before("stepfunctions:DescribeStateMachine")
def a_deleted_one_is_still_seen(aws: StrictAws, call: Call) -> dict[str, Any] | None:
    """DeleteStateMachine API reference: its status is DELETING until it is gone."""
    arn = call.params["stateMachineArn"]
    left = aws.state.deleted_machines.get(arn, 0)
    if not left or _machine(arn) is not None:
        return None
    if not aws.peeks:
        aws.state.deleted_machines[arn] = left - 1
    return {"stateMachineArn": arn, "status": "DELETING", "definition": "{}", "roleArn": ""}


@before("stepfunctions:ListMapRuns")
def an_execution_has_no_map_yet(_aws: StrictAws, _call: Call) -> dict[str, Any]:
    """Moto lacks the call. ListMapRuns API reference: the runs that an execution started."""
    return {"mapRuns": []}

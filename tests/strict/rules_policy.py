"""Lambda's resource policies: one a qualifier, where moto 5.2.5 mixes them."""

import json
from typing import Any

from tests.strict.aws import StrictAws
from tests.strict.calls import Call, RefusedError, before
from tests.strict.lambda_store import arn, named, version_of
from tests.strict.rules_lambda import require_revision


@before("lambda:AddPermission")
def a_statement_id_is_unique(aws: StrictAws, call: Call) -> dict[str, Any]:
    # AddPermission API reference: ResourceConflictException for an id that exists, RevisionId;
    # a policy belongs to its qualifier (moto mixes them).
    which = named(call)
    version_of(*which)
    require_revision(aws, call, which)
    known = aws.state.policies.setdefault(which, [])
    sid = call.params["StatementId"]
    if any(one["Sid"] == sid for one in known):
        raise RefusedError(
            "ResourceConflictException",
            f"The statement id ({sid}) provided already exists. Please "
            "provide a new statement id, or remove the existing statement.",
            409,
        )
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": _principal(call.params["Principal"]),
        "Action": call.params["Action"],
        "Resource": arn(*which),
    }
    if condition := _condition(call.params):
        statement["Condition"] = condition
    known.append(statement)
    aws.state.touch(which)
    return {"Statement": json.dumps(statement)}


def _principal(given: str) -> Any:
    # AddPermission API reference, "Principal": a service, an account or everybody.
    if given == "*":
        return given
    if given.endswith(".amazonaws.com"):
        return {"Service": given}
    return {"AWS": given if given.startswith("arn:") else f"arn:aws:iam::{given}:root"}


def _condition(params: dict[str, Any]) -> dict[str, Any]:
    # Lambda developer guide, "Granting Lambda function access to AWS services": the policies
    # shown there. A permission without a source has no condition.
    condition = {}
    if "SourceAccount" in params:
        condition["StringEquals"] = {"AWS:SourceAccount": params["SourceAccount"]}
    if "SourceArn" in params:
        condition["ArnLike"] = {"AWS:SourceArn": params["SourceArn"]}
    return condition


@before("lambda:GetPolicy")
def a_policy_belongs_to_its_qualifier(aws: StrictAws, call: Call) -> dict[str, Any]:
    """GetPolicy API reference: Qualifier."""
    which = named(call)
    known = aws.state.policies.get(which)
    if not known:
        raise RefusedError(
            "ResourceNotFoundException", "The resource you requested does not exist.", 404
        )
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": known}
    return {"Policy": json.dumps(policy), "RevisionId": aws.state.revision(which)}


@before("lambda:RemovePermission")
def a_missing_statement_is_an_error(aws: StrictAws, call: Call) -> dict[str, Any]:
    """RemovePermission API reference: ResourceNotFoundException, RevisionId."""
    which = named(call)
    require_revision(aws, call, which)
    known = aws.state.policies.get(which, [])
    kept = [one for one in known if one["Sid"] != call.params["StatementId"]]
    if len(kept) == len(known):
        raise RefusedError("ResourceNotFoundException", "Statement is not found.", 404)
    aws.state.policies[which] = kept
    aws.state.touch(which)
    return {}

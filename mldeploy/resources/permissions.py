"""The resource policy of an alias, which several kinds share."""

import json
from typing import Any

from mldeploy.aws.clients import missing_is_fine
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.lambda_state import ALIAS, live_version

INVOKE = "lambda:InvokeFunction"


def policy_of(function: str) -> dict[str, str]:
    """Return the parameters of GetPolicy."""
    return {"FunctionName": function, "Qualifier": ALIAS}


def statements_of(function: str, reads: Reads) -> dict[str, Any]:
    """Return the statements of the alias's policy by their ids; the read is cached."""
    # The policy belongs to the alias, so without an alias there is none.
    there = live_version(function, reads)
    answer = reads.read("lambda", "get_policy", **policy_of(function)) if there else None
    policy = json.loads(answer["Policy"]) if answer else {}
    return {one["Sid"]: one for one in policy.get("Statement", [])}


def permits(statement: dict[str, Any] | None, principal: str, arn: str) -> bool:
    """Return whether a statement permits a service to invoke on behalf of an ARN."""
    if statement is None:
        return False
    found = statement.get("Principal", {})
    service = found.get("Service") if isinstance(found, dict) else found
    condition = statement.get("Condition", {}).get("ArnLike", {})
    return (
        statement.get("Effect") == "Allow"
        and statement.get("Action") == INVOKE
        and service == principal
        and arn in {condition.get("AWS:SourceArn"), condition.get("aws:SourceArn")}
    )


def permit(function: str, sid: str, principal: str, arn: str, context: Context) -> None:
    """Permit a service to invoke the alias on behalf of an ARN; the statement id must be new."""
    context.clients.functions.add_permission(
        FunctionName=function,
        Qualifier=ALIAS,
        StatementId=sid,
        Action=INVOKE,
        Principal=principal,
        SourceArn=arn,
    )


def forbid(function: str, sid: str, context: Context) -> None:
    """Remove a statement; it may already be gone."""
    with missing_is_fine():
        context.clients.functions.remove_permission(
            FunctionName=function, StatementId=sid, Qualifier=ALIAS
        )

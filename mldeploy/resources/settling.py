"""Waits for a function's states."""

from typing import Any

from mldeploy.aws.clients import is_missing
from mldeploy.errors import MldeployError
from mldeploy.events import Waiting
from mldeploy.facts.thresholds import SETTLE_SECONDS
from mldeploy.resources.base import Context

# These two of the states in botocore's lambda model are transitional. "Inactive",
# "Deactivated" and "ActiveNonInvocable" accept changes.
_ON_ITS_WAY = {
    "Pending": "being created",
    "Deactivating": "being deactivated",
}
_NOT_INVOCABLE = {"ActiveNonInvocable", "Deactivated", "Deactivating"}
DELETING = "Deleting"


def settled(
    function: str,
    context: Context,
    step: str,
    *,
    qualifier: str = "$LATEST",
    before_update: bool = False,
) -> dict[str, Any]:
    """Wait until a function accepts changes, and return its configuration: see `settled_whole`."""
    answer = settled_whole(
        function, context, step, qualifier=qualifier, before_update=before_update
    )
    found: dict[str, Any] = answer["Configuration"]
    return found


def settled_whole(
    function: str,
    context: Context,
    step: str,
    *,
    qualifier: str = "$LATEST",
    before_update: bool = False,
) -> dict[str, Any]:
    """Wait until a function accepts changes, and return GetFunction's response.

    While `State` is Pending or `LastUpdateStatus` is InProgress, Lambda rejects updates and
    publishing (botocore's waiters function_active_v2 and function_updated_v2 poll the same).

    Args:
        function: its name.
        context: for AWS.
        step: the step to show.
        qualifier: a version's number; no update can change it.
        before_update: whether an update follows, which repairs an earlier failed one;
            `LastUpdateStatus` stays Failed until then.

    Raises:
        MldeployError: MLD420 if it failed (with Lambda's reason), MLD421 after ten minutes,
            MLD424 if it is being deleted.
    """
    reason = ""
    for waited in context.clients.polls(SETTLE_SECONDS):
        answer = _look(function, qualifier, context, known=not waited)
        found = answer["Configuration"]
        state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
        if qualifier != "$LATEST" or (before_update and update == "Failed"):
            update = "Successful"
        if state == "Failed" or update == "Failed":
            raise _failed(function, found)
        if state == DELETING:
            raise _being_deleted(function)
        if state not in _ON_ITS_WAY and update != "InProgress":
            return answer
        reason = _reason(found, state, update)
        context.emit(Waiting(step, reason, waited))
    raise MldeployError(
        "MLD421",
        f"{function} was not ready after {SETTLE_SECONDS:.0f} s: {reason}",
        "run the same command again: it goes on from here",
    )


def _look(function: str, qualifier: str, context: Context, *, known: bool) -> dict[str, Any]:
    """Return GetFunction's current response, or a cached one for a version.

    No call returns the states of all functions: ListFunctions omits them (botocore's lambda
    model). GetFunction is limited to 100 per second, all other calls together to 15 (Lambda
    developer guide, "Lambda quotas"), and it also returns the image and the revision.
    """
    which = {"FunctionName": function}
    if qualifier != "$LATEST":
        which["Qualifier"] = qualifier
        if known and (found := context.reads.read("lambda", "get_function", **which)):
            return found
    answer: dict[str, Any] = context.clients.functions.get_function(**which)
    context.clients.observation.remember("lambda", "get_function", answer, **which)
    return answer


def require_invocable(function: str, configuration: dict[str, Any]) -> None:
    """Refuse a version that Lambda won't invoke, with a fix.

    Inactive versions are accepted: their first invoke reactivates them.

    Raises:
        MldeployError: MLD425.
    """
    state = configuration.get("State")
    if state in _NOT_INVOCABLE:
        why = configuration.get("StateReason") or configuration.get("StateReasonCode")
        raise MldeployError(
            "MLD425",
            f"version {configuration.get('Version', '?')} of {function} can't be invoked: its "
            f"state is {state} ({why or 'no reason given'})",
            "a capacity provider that was attached to the function by hand is the usual cause: "
            "detach it, then run the same command again",
        )


def gone(function: str, context: Context, step: str) -> None:
    """Wait until a function that is being deleted is gone.

    Raises:
        MldeployError: MLD424 if it still exists after ten minutes.
    """
    for waited in context.clients.polls(SETTLE_SECONDS):
        if not is_being_deleted(function, context):
            return
        context.emit(Waiting(step, "the function is being deleted", waited))
    raise _being_deleted(function)


def is_being_deleted(function: str, context: Context) -> bool:
    """Return whether a function is being deleted."""
    try:
        found = context.clients.functions.get_function(FunctionName=function)["Configuration"]
    except Exception as error:
        if is_missing(error):
            return False
        raise
    return bool(found.get("State") == DELETING)


def _being_deleted(function: str) -> MldeployError:
    return MldeployError(
        "MLD424",
        f"Lambda is deleting {function}: another run or somebody else asked for it",
        "wait until `aws lambda get-function` doesn't find it, then run the same command again",
    )


def failed_update(configuration: dict[str, Any]) -> str:
    """Return why the last update of a function failed, or "".

    The status stays until the next update, and the function works as before (Lambda developer
    guide, "Lambda function states"; botocore's lambda model, LastUpdateStatusReasonCode).
    """
    if configuration.get("LastUpdateStatus") != "Failed":
        return ""
    code = configuration.get("LastUpdateStatusReasonCode") or "no code"
    return f"{code}: {configuration.get('LastUpdateStatusReason') or 'no reason given'}"


def _reason(found: dict[str, Any], state: str, update: str) -> str:
    if state in _ON_ITS_WAY:
        why = found.get("StateReason") or found.get("StateReasonCode") or _ON_ITS_WAY[state]
        return f"the function is {state} ({why})"
    why = found.get("LastUpdateStatusReason") or f"update {update}"
    return f"the function's last update is InProgress ({why})"


def _failed(function: str, found: dict[str, Any]) -> MldeployError:
    code = found.get("LastUpdateStatusReasonCode") or found.get("StateReasonCode") or "no code"
    why = found.get("LastUpdateStatusReason") or found.get("StateReason") or "no reason given"
    return MldeployError(
        "MLD420",
        f"Lambda couldn't make {function} ready: {why} ({code})",
        "fix that and run the same command again; the function will be repaired or created again",
    )

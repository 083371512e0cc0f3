"""Ways into a function that aren't ours: around the API, its authorization and its throttling.

They are texts, so that a plan shows them as they are: "url (NONE) of live".
"""

import json
from typing import Any

from mldeploy.aws.clients import missing_is_fine
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.lambda_state import ALIAS

LATEST = "$LATEST"
OURS = ("mldeploy-", "keep-warm-by-mldeploy")
"""What the ids of our statements in the policy of `live` begin with: the API's and the rule's."""


def openings_of(
    function: str, kept: tuple[str, ...], reads: Reads
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return who else may call a function, and its settings of asynchronous invocations.

    The policy of a single version isn't read: that would be one call for each of them.

    Args:
        function: which is there.
        kept: ids of statements that the file keeps.
        reads: how.
    """
    read, which = reads.read, {"FunctionName": function}
    lists = ("list_function_url_configs", "list_function_event_invoke_configs", "list_aliases")
    reads.read_together(
        *(("lambda", operation, which) for operation in (*lists, "get_policy")),
        ("lambda", "get_policy", {**which, "Qualifier": ALIAS}),
    )
    urls, settings, aliases = (read("lambda", operation, **which) or {} for operation in lists)
    names = [one["Name"] for one in aliases.get("Aliases", [])]
    opened = [
        *(
            f"url ({one['AuthType']}) of {_qualifier(one['FunctionArn'])}"
            for one in urls.get("FunctionUrlConfigs", [])
        ),
        *(
            f"permission {one['Sid']} ({_who(one)}) of {qualifier}"
            for qualifier in (LATEST, *names)
            for one in _statements(function, qualifier, reads)
            if one["Sid"] not in kept
        ),
    ]
    found = [_asynchronous(one) for one in settings.get("FunctionEventInvokeConfigs", [])]
    return tuple(sorted(opened)), tuple(sorted(found))


def _statements(function: str, qualifier: str, reads: Reads) -> list[dict[str, Any]]:
    """Return the statements of others in a qualifier's policy."""
    which = {"FunctionName": function, **_unless_latest(qualifier)}
    answer = reads.read("lambda", "get_policy", **which)
    found = json.loads(answer["Policy"]).get("Statement", []) if answer else []
    return [
        one
        for one in found
        if _qualifier(one["Resource"]) == qualifier
        and not (qualifier == ALIAS and one["Sid"].startswith(OURS))
    ]


def _who(statement: dict[str, Any]) -> str:
    """Return whom a statement lets in, and to what; it may name conditions besides."""
    principal = statement.get("Principal", {})
    if isinstance(principal, dict):
        principal = next(iter(principal.values()), "")
    whom = "everybody" if principal == "*" else principal
    return f"{whom}: {statement.get('Action', '')}"


def _asynchronous(found: dict[str, Any]) -> str:
    """Name settings of asynchronous invocations: retries, age, where the results go."""
    targets = [
        f"{when} to {one['Destination']}"
        for when, one in sorted((found.get("DestinationConfig") or {}).items())
        if one.get("Destination")
    ]
    told = [
        f"{found[key]} {unit}"
        for key, unit in (("MaximumRetryAttempts", "retries"), ("MaximumEventAgeInSeconds", "s"))
        if found.get(key) is not None
    ]
    return f"{', '.join((*told, *targets))} of {_qualifier(found['FunctionArn'])}"


def _qualifier(arn: str) -> str:
    """Return what an ARN of a function names of it: arn:aws:lambda:R:A:function:NAME:QUALIFIER."""
    parts = arn.split(":")
    return parts[7] if len(parts) > 7 else LATEST  # noqa: PLR2004 - see the docstring


def _unless_latest(qualifier: str) -> dict[str, str]:
    return {} if qualifier == LATEST else {"Qualifier": qualifier}


def close(function: str, opened: tuple[str, ...], context: Context) -> None:
    """Delete URLs, then the statements that let somebody in."""
    functions = context.clients.functions
    for one in sorted(opened, reverse=True):
        what, _, where = one.rpartition(" of ")
        which = {"FunctionName": function, **_unless_latest(where)}
        with missing_is_fine():
            if what.startswith("url "):
                functions.delete_function_url_config(**which)
            else:
                functions.remove_permission(**which, StatementId=what.split()[1])


def reset_asynchronous(function: str, settings: tuple[str, ...], context: Context) -> None:
    """Delete the settings of asynchronous invocations: Lambda's own count again."""
    for one in settings:
        where = one.rpartition(" of ")[2]
        with missing_is_fine():
            context.clients.functions.delete_function_event_invoke_config(
                FunctionName=function, Qualifier=where
            )

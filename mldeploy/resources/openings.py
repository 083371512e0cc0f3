"""Other ways to invoke a function, which bypass the API's authorization and throttling.

They are texts that plans show, such as "url (NONE) of live".
"""

import json
from typing import Any

from mldeploy.aws.clients import missing_is_fine
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.lambda_state import ALIAS

LATEST = "$LATEST"
OURS = ("mldeploy-", "keep-warm-by-mldeploy")
"""Prefixes of the ids of our statements in the policy of `live`: the API's and the rule's."""


def openings_of(
    function: str, kept: tuple[str, ...], reads: Reads
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return other ways to invoke a function, and its settings of asynchronous invocations.

    The policies of single versions aren't read, because that takes one call per version.

    Args:
        function: an existing one.
        kept: ids of statements that the configuration keeps.
        reads: of AWS.
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
    """Return the statements in a qualifier's policy that mldeploy didn't write."""
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
    """Return a statement's principal, action and conditions."""
    principal = statement.get("Principal", {})
    if isinstance(principal, dict):
        principal = next(iter(principal.values()), "")
    whom = "everybody" if principal == "*" else principal
    return f"{whom}: {statement.get('Action', '')}"


def _asynchronous(found: dict[str, Any]) -> str:
    """Return the settings of asynchronous invocations: retries, age, destinations."""
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
    """Return the qualifier in a function's ARN: arn:aws:lambda:R:A:function:NAME:QUALIFIER."""
    parts = arn.split(":")
    return parts[7] if len(parts) > 7 else LATEST  # noqa: PLR2004 - see the docstring


def _unless_latest(qualifier: str) -> dict[str, str]:
    return {} if qualifier == LATEST else {"Qualifier": qualifier}


def close(function: str, opened: tuple[str, ...], context: Context) -> None:
    """Delete function URLs, then the statements that grant access."""
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
    """Delete the settings of asynchronous invocations, which restores Lambda's defaults."""
    for one in settings:
        where = one.rpartition(" of ")[2]
        with missing_is_fine():
            context.clients.functions.delete_function_event_invoke_config(
                FunctionName=function, Qualifier=where
            )

"""Lambda's versions and aliases, where moto 5.2.5 is laxer than AWS."""

import copy
from typing import Any

from tests.strict.aws import StrictAws
from tests.strict.calls import Call, RefusedError, after, before
from tests.strict.lambda_store import LATEST, aliases, functions, named, plain, storage
from tests.strict.rules_lambda import complete, require_revision


@after("lambda:PublishVersion")
def a_version_never_changes(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """A version is a copy; moto shares the objects of $LATEST with its versions.

    Lambda developer guide, "Manage Lambda function versions": a version's code and settings
    are immutable, its number is never used again, and nothing is published without a change.
    """
    name = plain(call.params["FunctionName"])
    # Moto appends what it publishes, and answers the last one where nothing has changed.
    version = functions()[name]["versions"][-1]
    # Moto forgets to do this at the first publication.
    functions()[name]["latest"].code_or_config_updated = False
    if id(version) in aws.state.copied:
        complete(aws, parsed)
        return
    number = aws.state.last_version.get(name, 0) + 1
    aws.state.last_version[name] = number
    # A version of moto's gets the number that it would have with all deleted ones still there.
    version.set_version(number)
    storage()._arns[version.function_arn] = version
    for attribute, value in vars(version).items():
        if isinstance(value, dict | list) or attribute == "image_config":
            setattr(version, attribute, copy.deepcopy(value))
    aws.state.copied[id(version)] = version
    which, latest = (name, str(number)), (name, LATEST)
    if latest in aws.state.digests:
        aws.state.digests[which] = aws.state.digests[latest]
    aws.state.surroundings[which] = dict(aws.state.surroundings.get(latest, {}))
    if latest in aws.state.logging:
        aws.state.logging[which] = dict(aws.state.logging[latest])
    # Botocore's waiter published_version_active exists for this.
    aws.state.pending[which] = aws.state.reads
    aws.state.touch(which)
    parsed.update(Version=str(number), FunctionArn=version.function_arn)
    complete(aws, parsed)


@before("lambda:UpdateAlias")
def the_aliases_revision_must_match(aws: StrictAws, call: Call) -> None:
    """Botocore's lambda model: UpdateAliasRequest.RevisionId."""
    require_revision(aws, call, (plain(call.params["FunctionName"]), call.params["Name"]))


@after("lambda:CreateAlias", "lambda:GetAlias", "lambda:UpdateAlias")
def an_alias_has_a_revision(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """Botocore's lambda model: AliasConfiguration.RevisionId."""
    which = plain(call.params["FunctionName"]), call.params["Name"]
    if call.operation != "GetAlias":
        aws.state.touch(which)
    parsed["RevisionId"] = aws.state.revision(which)


@before("lambda:DeleteFunction")
def a_version_in_use_stays(_aws: StrictAws, call: Call) -> None:
    """A version that an alias refers to can't be deleted; the whole function can.

    DeleteFunction API reference; zappa#960 quotes the text. $LATEST goes with the function.
    """
    name, number = named(call)
    if number == LATEST:
        if call.params.get("Qualifier"):
            raise RefusedError(
                "InvalidParameterValueException",
                "$LATEST version cannot be deleted without deleting the function.",
            )
        return
    users = [
        alias.name
        for alias in aliases(name).values()
        if number == alias.function_version
        or number in (alias.routing_config or {}).get("AdditionalVersionWeights", {})
    ]
    if users:
        raise RefusedError(
            "ResourceConflictException",
            "Unable to delete version because the following aliases reference it: "
            f"[{', '.join(users)}]",
            409,
        )


@after("lambda:DeleteFunction")
def a_function_takes_all_along(aws: StrictAws, call: Call, _parsed: dict[str, Any]) -> None:
    """DeleteFunction API reference: all versions and aliases go with it.

    So do states, policies and settings; revisions and numbers don't come again.
    """
    name, number = named(call)
    state = aws.state
    if number == LATEST:
        state.failed.discard(name)
        state.failed_updates.pop(name, None)
    for known in (state.pending, state.updating, state.logging, state.digests, state.policies):
        for which in [one for one in known if one[0] == name and number in (LATEST, one[1])]:
            del known[which]


@after("lambda:DeleteAlias")
def an_alias_takes_its_policy_along(aws: StrictAws, call: Call, _parsed: dict[str, Any]) -> None:
    """The policy is the qualifier's (GetPolicy API reference), and goes with it."""
    aws.state.policies.pop((plain(call.params["FunctionName"]), call.params["Name"]), None)

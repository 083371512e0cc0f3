"""What others set on our resources: found from AWS's own operations, not from a list of kinds."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from botocore.model import Shape

from mldeploy.resources.base import Context
from tests.resources.tagging import SESSION, TAGS
from tests.strict.aws import StrictAws
from tests.strict.calls import Call

MARK = "set-by-others"
"""A tag that mldeploy doesn't know."""
_TAKING_AWAY = ("Delete", "Remove", "Untag", "Detach", "Disassociate", "Deauthorize", "BatchDelete")
"""How operations begin that undo a setting: that one is lost is for `drifts_are_fixed` to claim."""
_READING = (
    "Get",
    "List",
    "Describe",
    "Invoke",
    "Test",
    "Filter",
    "BatchGet",
    "BatchCheck",
    "Start",
)


def undecided(calls: Iterable[Call]) -> Iterator[str]:
    """Yield the settings that AWS has for what these calls made, and that none of them writes.

    They are operations on the same resource, such as "lambda:PutFunctionRecursionConfig", and
    parameters of an operation that is called, such as "lambda:CreateFunction.KMSKeyArn".
    """
    made = [call for call in calls if call.mutating]
    given: dict[str, list[dict[str, Any]]] = {}
    for call in made:
        given.setdefault(call.name, []).append(call.params)
    for name, params in given.items():
        if not name.partition(":")[2].startswith(_TAKING_AWAY):
            yield from _omitted(shape_of(name), params, name)
    whose = {
        (call.service, tuple(sorted(shape_of(call.name).required_members)))
        for call in made
        if call.operation.startswith("Delete")
    }
    for service, required in sorted(whose):
        for operation in SESSION.get_service_model(service).operation_names:
            name = f"{service}:{operation}"
            members = getattr(shape_of(name), "members", {})
            theirs = required and members.keys() >= {*required} and name not in given
            if theirs and not operation.startswith((*_TAKING_AWAY, *_READING)):
                yield name


def shape_of(name: str) -> Any:
    """Return the shape of an operation's parameters."""
    service, _, operation = name.partition(":")
    return SESSION.get_service_model(service).operation_model(operation).input_shape


def _omitted(shape: Shape, given: list[Any], path: str) -> Iterator[str]:
    """Yield the members that none of the values has."""
    if shape.type_name == "list":
        yield from _omitted(shape.member, [one for each in given for one in each], path)
    if shape.type_name != "structure":
        return
    for name, member in shape.members.items():
        values = [one[name] for one in given if name in one]
        if name in TAGS:
            continue
        if values:
            yield from _omitted(member, values, f"{path}.{name}")
        else:
            yield f"{path}.{name}"


def tagged_by_others(context: Context) -> Context:
    """Return a context whose calls give what they make one more tag."""
    context.clients.session.events.register("before-parameter-build", _one_more)
    return context


def _one_more(params: dict[str, Any], **_: Any) -> None:
    for name in TAGS:
        match params.get(name):
            case dict() as found:
                params[name] = {**found, MARK: "yes"}
            case list() as found:
                key, value = [*found[0]] if found else ("Key", "Value")
                params[name] = [*found, {key: MARK, value: "yes"}]


def leaves(aws: StrictAws) -> set[str]:
    """Return everything that the account shows: one text for each value, with its place."""
    return set(_leaves(aws.snapshot(), ""))


def _leaves(value: Any, path: str) -> Iterator[str]:
    match value:
        case {"Effect": _} | {"rulePriority": _}:  # one of many in a policy, and a whole
            yield f"{path}={json.dumps(value, sort_keys=True)}"
        case dict():
            for name, one in value.items():
                yield from _leaves(one, f"{path}.{name}")
        case list():  # places change with their neighbours
            for one in value:
                yield from _leaves(one, f"{path}[]")
        case _:
            yield f"{path}={value}"

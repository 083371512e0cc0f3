"""Drifts that nobody wrote by hand: what a kind wrote, written once more with another value."""

import json
import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from itertools import islice
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import Shape

from tests.faults.saved import restore, save
from tests.strict.aws import StrictAws
from tests.strict.calls import Call

_REPLACING = ("Put", "Set", "Tag", "Update")
"""How operations begin that may be repeated on a resource that exists."""
_NO_DRIFT = {"Description", "Key", "key", "lifecyclePolicyText"}
"""What AWS only shows to people, names of tags, and what is written to keep the rest of it: more
of them are others' affair."""
_WHOLE = {"definition"}
"""What is compared as one text, so that one change of it says all."""
_OF_A_CALL = {"Publish", "RevisionId"}
"""What is no setting: what else the call is to do, and for which state it is meant."""
_TEXT = "{}"
"""The step of a path from a text to the JSON in it, such as a policy."""
_OURS = "mldeploy:"
"""How the tags begin that say whose a resource is: with others it is a stranger's."""

Path = tuple[str | int, ...]


def rewritten(calls: Iterable[Call], aws: StrictAws, names: set[str]) -> Iterator[str]:
    """Change one parameter after the other; yield its name while AWS has the other value.

    What AWS refuses or ignores is no drift. Of each operation on each thing the last call counts,
    unless the resource looks otherwise by now.

    Args:
        calls: of the kind.
        aws: where they are made.
        names: what the resource is found by, which stays as it is.
    """
    last: dict[tuple[str, ...], Call] = {}
    for call in calls:
        if call.operation.startswith(_REPLACING):
            params = {name: one for name, one in call.params.items() if name not in _OF_A_CALL}
            last[call.name, *sorted(params)] = Call(call.service, call.operation, params)
    for call in last.values():
        if _is_of_today(call, aws):
            yield from _of_call(call, aws, names)


def _is_of_today(call: Call, aws: StrictAws) -> bool:
    """Tell whether a call writes what is there."""
    account, before = save(aws), aws.snapshot()
    try:
        getattr(aws.client(call.service), xform_name(call.operation))(**call.params)
    except (ClientError, KeyError):  # moto's KeyError: a part of an API is gone
        same = False
    else:
        same = _settled(call, aws) == before
    restore(aws, account)
    return same


def _settled(call: Call, aws: StrictAws) -> dict[str, Any]:
    """Return what there is once AWS has done what a call told it."""
    if call.service == "lambda" and "FunctionName" in call.params:
        # Whoever reads brings an update further: `tests/strict/rules_states.py`.
        function = call.params["FunctionName"]
        aws.client("lambda").get_function(FunctionName=function)
    return aws.snapshot()


def _of_call(call: Call, aws: StrictAws, names: set[str]) -> Iterator[str]:
    client = aws.client(call.service)
    shape = client._client.meta.service_model.operation_model(call.operation).input_shape
    before = aws.snapshot()
    for path, value, leaf in _leaves(shape, call.params, ()):
        name = ".".join(str(part) for part in (call.name, *path))
        ours = any(str(part).startswith(_OURS) for part in path)
        found_by = len(path) == 1 and str(value) in names
        if ours or found_by or _NO_DRIFT & {*path}:
            continue
        for other in [one for one in _others(value, leaf) if one != value]:
            params = _with(call.params, path, other)
            try:
                getattr(client, xform_name(call.operation))(**params)
            except (ClientError, ParamValidationError):
                continue
            if _settled(call, aws) != before:
                yield f"{name} = {other!r}"
                before = aws.snapshot()
                break


def _leaves(shape: Shape, value: Any, path: Path) -> Iterator[tuple[Path, Any, Shape | None]]:
    match value:
        case {"Key": str(key)} | {"key": str(key)} if key.startswith(_OURS):
            return
        case dict():
            for name, one in value.items():
                inner = shape.members[name] if shape.type_name == "structure" else shape.value
                leaves = _leaves(inner, one, (*path, name))
                yield from islice(leaves, 1) if name in _WHOLE else leaves
        case list() | tuple():
            for number, one in enumerate(value):
                yield from _leaves(shape.member, one, (*path, number))
        case str() if value.startswith("{"):
            yield from _inside(json.loads(value), (*path, _TEXT))
        case _:
            yield path, value, shape


def _inside(value: Any, path: Path) -> Iterator[tuple[Path, Any, None]]:
    match value:
        case dict():
            for name, one in value.items():
                yield from _inside(one, (*path, name))
        case list():
            for number, one in enumerate(value):
                yield from _inside(one, (*path, number))
        case _:
            yield path, value, None


def _others(value: Any, shape: Shape | None) -> list[Any]:
    """Return values to try; AWS may refuse some."""
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value + 1, value * 2, 1]
        case str() if getattr(shape, "enum", None):
            return [one for one in getattr(shape, "enum", []) if one != value]
        case str():
            return [re.sub(r"\d+", lambda found: str(int(found[0]) + 1), value), f"{value}x"]
    return []


def _with(params: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    return dict(_set(deepcopy(params), path, value))


def _set(whole: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    step, *rest = path
    if step == _TEXT:
        inner = _set(json.loads(whole), tuple(rest), value)
        return json.dumps(inner, separators=(",", ":"))
    whole[step] = _set(whole[step], tuple(rest), value)
    return whole

"""Drifts that nobody wrote by hand: what a kind wrote, written once more with another value."""

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import Shape

from tests.strict.aws import StrictAws
from tests.strict.calls import Call

_REPLACING = ("Put", "Set", "Tag", "Update")
"""How operations begin that may be repeated on a resource that exists."""
_NO_DRIFT = {"Description", "Key"}
"""What AWS only shows to people, and names of tags: more of them are others' affair."""
_OURS = "mldeploy:"
"""How the tags begin that say whose a resource is: with others it is a stranger's."""

Path = tuple[str | int, ...]


def rewritten(calls: Iterable[Call], aws: StrictAws, names: set[str]) -> Iterator[str]:
    """Change one parameter after the other; yield its name while AWS has the other value.

    What AWS refuses or ignores is no drift.

    Args:
        calls: of the kind.
        aws: where they are made.
        names: what the resource is found by, which stays as it is.
    """
    for call in calls:
        if call.operation.startswith(_REPLACING):
            yield from _of_call(call, aws, names)


def _of_call(call: Call, aws: StrictAws, names: set[str]) -> Iterator[str]:
    client = aws.client(call.service)
    shape = client._client.meta.service_model.operation_model(call.operation).input_shape
    for path, value, leaf in _leaves(shape, call.params, ()):
        name = ".".join(str(part) for part in (call.name, *path))
        if {str(value)} & names or "mldeploy" in str(value) or _NO_DRIFT & {*path}:
            continue
        for other in _others(value, leaf):
            before = aws.snapshot()
            params = _with(call.params, path, other)
            try:
                getattr(client, xform_name(call.operation))(**params)
            except (ClientError, ParamValidationError):
                continue
            if aws.snapshot() != before:
                yield f"{name} = {other!r}"
                break


def _leaves(shape: Shape, value: Any, path: Path) -> Iterator[tuple[Path, Any, Shape]]:
    match value:
        case {"Key": str(key)} if key.startswith(_OURS):
            return
        case dict():
            for name, one in value.items():
                inner = shape.members[name] if shape.type_name == "structure" else shape.value
                yield from _leaves(inner, one, (*path, name))
        case list() | tuple():
            for number, one in enumerate(value):
                yield from _leaves(shape.member, one, (*path, number))
        case _:
            yield path, value, shape


def _others(value: Any, shape: Shape) -> list[Any]:
    """Return values to try; AWS may refuse some."""
    match value:
        case bool():
            return [not value]
        case int() | float():
            return [value + 1, value * 2, 1]
        case str() if getattr(shape, "enum", None):
            return [one for one in shape.enum if one != value]
        case str():
            return [re.sub(r"\d+", lambda found: str(int(found[0]) + 1), value), f"{value}x"]
    return []


def _with(params: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    whole = deepcopy(params)
    inner: Any = whole
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return whole

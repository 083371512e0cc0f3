"""The example request in a train module: `example`, or a function that returns it."""

import json
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.model.json_values import plain
from mldeploy.model.user_module import user_code

_KINDS = (dict, list, tuple, str)


def named_example(module: Any, path: Path) -> Any:
    """Return the example in the form of requests, or None if the module has none.

    Raises:
        MldeployError: MLD211 if the function fails, MLD248 for values that requests can't contain.
    """
    found = getattr(module, "example", None)
    if callable(found):
        found = user_code(found, path, "example() ran")
    if found is None:
        return None
    try:
        return json.loads(json.dumps(_plain(found), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise MldeployError(
            "MLD248",
            f"the `example` of {path.name} can't be sent as JSON: {error}",
            "return one row: a dict of the columns' values, a list in their order, or a text",
        ) from error


def _plain(found: Any) -> Any:
    """Return a row in JSON's types; times as ISO 8601."""
    found = found.tolist() if hasattr(found, "tolist") else found
    if not isinstance(found, _KINDS):
        raise TypeError(f"it is a {type(found).__name__}")
    if isinstance(found, str):
        return found
    if isinstance(found, dict):
        return {str(name): _value(one) for name, one in found.items()}
    return [_value(one) for one in found]


def _value(value: Any) -> Any:
    value = plain(value)
    return value.isoformat() if hasattr(value, "isoformat") else value

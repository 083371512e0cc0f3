"""Results as JSON: a frozen dataclass becomes an object whose keys are its fields."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, fields, is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import Any

_KEY = "json"


@dataclass(frozen=True)
class InJson:
    """How a field is written in JSON.

    Attributes:
        key: its name in JSON; "" for the field's name.
        digits: decimal places of a number; None for all.
        hidden: whether it isn't written to JSON.
        flat: whether it is replaced by the keys of its object; None has no keys.
        sparse: whether it is omitted if the value is empty.
    """

    key: str = ""
    digits: int | None = None
    hidden: bool = False
    flat: bool = False
    sparse: bool = False


def in_json(how: InJson) -> dict[str, Any]:
    """Return the metadata of a dataclass's field with these options."""
    return {_KEY: how}


HIDDEN = in_json(InJson(hidden=True))
FLAT = in_json(InJson(flat=True))
SPARSE = in_json(InJson(sparse=True))


def how_of(field: "Field[Any]") -> InJson:
    """Return how a dataclass's field is written."""
    found: InJson = field.metadata.get(_KEY, InJson())
    return found


def as_data(value: Any) -> Any:
    """Return a value in JSON's types: objects, lists, strings, numbers, and None.

    Raises:
        TypeError: for a value without a form in JSON.
    """
    match value:
        case None | bool() | int() | float():
            return value
        case Enum():
            return as_data(value.value)
        case str() | PurePath():
            return str(value)
        case Mapping():
            return {str(key): as_data(one) for key, one in value.items()}
        case list() | tuple():
            return [as_data(one) for one in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return _object(value)
    message = f"JSON has no form for {type(value).__name__}"
    raise TypeError(message)


def _object(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for field in fields(value):
        how, held = how_of(field), getattr(value, field.name)
        if how.hidden or (how.sparse and not held):
            continue
        written = as_data(held if how.digits is None or held is None else round(held, how.digits))
        found |= (written or {}) if how.flat else {how.key or field.name: written}
    return found

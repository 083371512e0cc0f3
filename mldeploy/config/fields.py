"""Declares settings as annotated fields of frozen dataclasses.

A field is a setting if its annotation contains a text, which describes it:

    memory: Annotated[int, "MB of memory.", Within(MEMORY, "MB")] = 1024

or its place in the file (`In`). `mldeploy.config.tables` derives pydantic's models from that when a
file is read, and `mldeploy.config.freeze` creates the dataclasses from validated values. Nothing
here imports pydantic, which takes 200 ms.
"""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from functools import cache
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Check:
    """A check of a value. It returns the value, or raises ValueError with what is allowed."""

    check: Callable[[Any], Any]


@dataclass(frozen=True)
class Within:
    """An integer within inclusive bounds."""

    bounds: tuple[int, int]
    unit: str

    def check(self, value: int) -> int:
        """Check a value."""
        low, high = self.bounds
        if not low <= value <= high:
            raise ValueError(f"must be {low} to {high} {self.unit}")
        return value


@dataclass(frozen=True)
class Schema:
    """Additional members of the JSON schema, or a function that changes them."""

    extra: dict[str, Any] | Callable[[dict[str, Any]], None]


def bounds(low_and_high: tuple[int, int]) -> Schema:
    """Return the JSON schema's members for an integer within bounds."""
    low, high = low_and_high
    return Schema({"minimum": low, "maximum": high})


@dataclass(frozen=True)
class Reads:
    """Converts the forms allowed in the file into one, before the type is validated.

    Its second argument has a `context`, which is set for a variable's text.
    """

    read: Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Spelt:
    """The type and the default in the file, if the field has others.

    Attributes:
        type: in the file.
        default: in the file.
        into: converts the file's value to the field's; raises ValueError for invalid ones.
    """

    type: Any
    default: Any = None
    into: Callable[[Any], Any] | None = None


@dataclass(frozen=True)
class In:
    """The place in the file: a table, and the key if it isn't the field's name.

    `stages`: whether a stage may override it.
    """

    table: str
    key: str = ""
    stages: bool = True


@dataclass(frozen=True)
class Whole:
    """A check of a whole table, and its JSON schema. A class declares it as `whole`."""

    check: Callable[[Any], None]
    schema: dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """A field that is set in the file.

    Attributes:
        field: its name in the dataclass.
        key: its name in the file.
        table: of the file, if declared; else "".
        stages: whether a stage may override it.
        type: in the file, with the checks of its parts.
        checks: Check, Within, Schema and Reads, in order.
        text: its description; "" for a table.
        default: in the file; None without one.
        into: converts to the field's value.
    """

    field: str
    key: str
    table: str
    stages: bool
    type: Any
    checks: tuple[Any, ...]
    text: str
    default: Any
    into: Callable[[Any], Any] | None


@cache
def settings_of(kind: Any) -> tuple[Setting, ...]:
    """Return a dataclass's settings, in the order of its fields."""
    hints = get_type_hints(kind, include_extras=True)
    found = ((one, *_parts(hints[one.name])) for one in fields(kind))
    return tuple(
        _setting(one, base, marks)
        for one, base, marks in found
        if any(isinstance(mark, str | In) for mark in marks)
    )


def _parts(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if get_origin(hint) is not Annotated:
        return hint, ()
    base, *marks = get_args(hint)
    return base, tuple(marks)


def _setting(field: Any, base: Any, marks: tuple[Any, ...]) -> Setting:
    spelt, place = _first(Spelt, marks), _first(In, marks) or In("")
    default = None if field.default is MISSING else field.default
    return Setting(
        field.name,
        place.key or field.name,
        place.table,
        place.stages,
        spelt.type if spelt else base,
        tuple(one for one in marks if isinstance(one, Check | Within | Schema | Reads)),
        _first(str, marks) or "",
        spelt.default if spelt else default,
        spelt.into if spelt else None,
    )


def _first(kind: type[Kind], marks: tuple[Any, ...]) -> Kind | None:
    return next((one for one in marks if isinstance(one, kind)), None)

"""pydantic models of the file's tables, derived from the dataclasses' fields.

These are models, not the dataclasses in a TypeAdapter, because only models know which keys were
set: settings from variables override the file's, but defaults don't.

Only `mldeploy.config` imports this, and lazily: importing pydantic takes 200 ms.
"""

from collections.abc import Iterable
from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Annotated, Any, Self, Union, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    create_model,
    model_validator,
)

from mldeploy.config.fields import Check, Reads, Schema, Setting, Whole, Within, settings_of

FROM_ENVIRON = "environ"
"""The validation context of `MLDEPLOY_*` variables, whose lists are separated by commas."""

TEXT, REFERENCE = "[text]", "[reference]"
"""pydantic's names of a union's members in the locations of its errors."""


class Table(BaseModel):
    """A table of the file: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid")


def _split(value: object, info: ValidationInfo) -> object:
    """Return "a, b" from a variable as a list."""
    if info.context == FROM_ENVIRON and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


_COMMAS = BeforeValidator(_split)


def made(
    name: str,
    text: str,
    found: Iterable[tuple[str, Any]],
    base: type[Table] = Table,
    required: tuple[str, ...] = (),
) -> type[Table]:
    """Return a table.

    Args:
        name: of the model.
        text: its description.
        found: each key with its annotation and default.
        base: a table with further keys.
        required: keys that the JSON schema requires; on reading, `checks.missing_keys` does.
    """
    if required:
        extra = ConfigDict(json_schema_extra={"required": list(required)})
        base = type("Table", (base,), {"model_config": extra, "__module__": __name__})
    fields: dict[str, Any] = dict(found)
    return create_model(name, __base__=base, __doc__=text, **fields)


@cache
def table_of(kind: type) -> type[Table]:
    """Return the table of a dataclass."""
    name = f"{kind.__name__.removesuffix('Config')}Table"
    text = (kind.__doc__ or "").partition("\n")[0]
    whole: Whole | None = getattr(kind, "whole", None)
    base = _checked_as(whole) if whole else Table
    return made(name, text, map(key_of, settings_of(kind)), base)


def _checked_as(whole: Whole) -> type[Table]:
    """Return the base class of a table that is checked as a whole."""

    class Checked(Table):
        model_config = ConfigDict(json_schema_extra=whole.schema)

        @model_validator(mode="after")
        def _whole(self) -> Self:
            whole.check(self)
            return self

    return Checked


def key_of(setting: Setting) -> tuple[str, tuple[Any, Any]]:
    """Return a key with pydantic's annotation and its default.

    The default is None if the field has none, or "": TOML has no null, and "" isn't written.
    """
    kind, default = setting.type, setting.default
    annotation = _with(in_file(kind), setting)
    if default is None and isinstance(kind, type) and is_dataclass(kind):
        return setting.key, (annotation, table_of(kind)())
    if default in ((), {}):
        default = [] if default == () else {}
    elif default in (None, "") and not _may_be_none(annotation):
        annotation, default = annotation | None, None
    return setting.key, (annotation, Field(default, description=setting.text or None))


def in_file(hint: Any) -> Any:
    """Return a type in the file: tables for dataclasses, lists for tuples."""
    arguments = get_args(hint)
    match get_origin(hint):
        case origin if origin is Annotated:
            return _checked(in_file(arguments[0]), arguments[1:])
        case origin if origin is tuple:
            return Annotated[list[in_file(arguments[0])], _COMMAS]  # type: ignore[misc]
        case origin if origin is dict:
            return dict[in_file(arguments[0]), in_file(arguments[1])]  # type: ignore[misc]
        case origin if origin in {Union, UnionType}:
            return _union(tuple(map(in_file, arguments)))
        case None if isinstance(hint, type) and is_dataclass(hint):
            return table_of(hint)
    return hint


def _union(options: tuple[Any, ...]) -> Any:
    """Return a union; a table or a text is selected by the value, so that errors refer to it."""
    tables = [one for one in options if isinstance(one, type) and issubclass(one, Table)]
    if not tables or str not in options:
        return Union[options]  # noqa: UP007 - of a number that isn't known
    (table,) = tables
    return Annotated[
        Annotated[str, Tag(TEXT)] | Annotated[table, Tag(REFERENCE)],
        Discriminator(lambda value: REFERENCE if isinstance(value, dict | table) else TEXT),
    ]


def _with(annotation: Any, setting: Setting) -> Any:
    """Return an annotation with the setting's checks; for `X | None` they apply to X."""
    checks = setting.checks
    if setting.into is not None and not any(isinstance(one, Check) for one in checks):
        checks = (*checks, Check(_passes(setting.into)))
    options = get_args(annotation) if get_origin(annotation) in {Union, UnionType} else ()
    reads = any(isinstance(one, Reads) for one in checks)
    if type(None) in options and not reads and checks:
        (inner,) = (one for one in options if one is not type(None))
        return _checked(inner, checks) | None
    return _checked(annotation, checks)


def _passes(into: Any) -> Any:
    """Return a check that a value can be converted."""

    def check(value: Any) -> Any:
        into(value)
        return value

    return check


def _checked(annotation: Any, checks: Iterable[Any]) -> Any:
    for one in checks:
        match one:
            case Check():
                annotation = Annotated[annotation, AfterValidator(one.check)]
            case Within(bounds=(low, high)):
                says = Field(json_schema_extra={"minimum": low, "maximum": high})
                annotation = Annotated[annotation, AfterValidator(one.check), says]
            case Reads():
                annotation = Annotated[annotation, BeforeValidator(one.read)]
            case Schema():
                annotation = Annotated[annotation, Field(json_schema_extra=one.extra)]
    return annotation


def _may_be_none(annotation: Any) -> bool:
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return type(None) in get_args(annotation)

"""The shape of mldeploy.toml: which keys a table may have, and the JSON schema for editors."""

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from mldeploy.config.document import Document
from mldeploy.config.tables import Table


def shape_at(model: type[Table], path: tuple[str | int, ...]) -> Any:
    """Return the annotation of the value at a path: a Table, a dict, or a plain type."""
    here: Any = model
    for part in path:
        match get_origin(here):
            case None if isinstance(here, type) and issubclass(here, Table):
                field = here.model_fields.get(str(part))
                here = _bare(field.annotation) if field else None
            case origin if origin is dict:
                here = _bare(get_args(here)[1])
            case origin if origin is list:
                here = _bare(get_args(here)[0])
            case _:
                return None
    return here


def _bare(annotation: Any) -> Any:
    """Return an annotation without Annotated[…] and without `| None`."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    options = [option for option in get_args(annotation) if option is not type(None)]
    if type(None) in get_args(annotation) and len(options) == 1:
        return _bare(options[0])
    tables = [
        one for one in map(_bare, options) if isinstance(one, type) and issubclass(one, Table)
    ]
    if get_origin(annotation) in {Union, UnionType} and tables:
        return tables[0]  # for a text or a table, only the table has keys
    return annotation


def keys_at(model: type[Table], path: tuple[str | int, ...]) -> tuple[str, ...]:
    """Return the keys that a table may have, or () if any key is allowed."""
    shape = shape_at(model, path)
    if isinstance(shape, type) and issubclass(shape, Table):
        return tuple(shape.model_fields)
    return ()


def json_schema() -> dict[str, Any]:
    """Return the JSON schema of mldeploy.toml."""
    schema: dict[str, Any] = _tidy(Document.model_json_schema())
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _tidy(node: Any) -> Any:
    """Return a schema without null, which TOML lacks, and pydantic's generated titles."""
    if isinstance(node, list):
        return [_tidy(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = {key: value for key, value in node.items() if not _noise(key, value, node)}
    options = [option for option in node.pop("anyOf", ()) if option != {"type": "null"}]
    tidy = {key: _tidy(value) for key, value in node.items()}
    return tidy | _tidy(options[0]) if options else tidy


def _noise(key: str, value: Any, node: dict[str, Any]) -> bool:
    """Return whether a member of a schema is useless to an editor."""
    match key:
        case "title":
            return isinstance(value, str)
        case "default":
            return value is None or "$ref" in node
        case _:
            return False

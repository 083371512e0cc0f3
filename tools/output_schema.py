"""Write the JSON schema of `-o json`, and its page: `python -m tools.output_schema`."""

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from mldeploy.render.json import FORMAT, Failure
from mldeploy.render.results import RESULTS
from mldeploy.text.data import how_of

ROOT = Path(__file__).parents[1]
SCHEMA = ROOT / "mldeploy" / "render" / "output.schema.json"
PAGE = ROOT / "docs" / "output.md"
Schema = dict[str, Any]
_REFERENCE = "#/$defs/"
_FLAT, _SPARSE = "x-flat", "x-sparse"
"""Marks that a definition has only until its keys are settled."""
_ATTRIBUTE = re.compile(r"^    (\w+): ((?:.+)(?:\n        .+)*)", re.MULTILINE)


class _Generator(GenerateJsonSchema):
    """Pydantic's own, with the names that `as_data` writes."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        """Return the schema of a dataclass without its hidden fields."""
        cls = schema["cls"]
        how = {one.name: how_of(one) for one in fields(cls)}
        inner: Any = schema["schema"]
        kept = [one for one in inner["fields"] if not how[one["name"]].hidden]
        found = super().dataclass_schema({**schema, "schema": {**inner, "fields": kept}})
        said = _described(cls)
        properties = {
            how[name].key or name: {**_plain(one), **_description(said.get(name, ""))}
            for name, one in found["properties"].items()
        }
        return {
            "type": "object",
            **_description(inspect.getdoc(cls).partition("\n")[0]),  # type: ignore[union-attr]
            "properties": properties,
            _FLAT: [name for name in found["properties"] if how[name].flat],
            _SPARSE: [name for name in found["properties"] if how[name].sparse],
        }


def _plain(schema: Schema) -> Schema:
    """Return a field's schema without pydantic's generated titles and defaults."""
    return {key: one for key, one in schema.items() if key not in {"title", "default"}}


def _description(text: str) -> Schema:
    return {"description": re.sub(r"\bNone\b", "null", text)} if text else {}


def _described(cls: type) -> dict[str, str]:
    """Return the description of each attribute in a docstring."""
    told = inspect.getdoc(cls) or ""
    _, _, listed = told.partition("Attributes:\n")
    return {name: " ".join(text.split()) for name, text in _ATTRIBUTE.findall(listed)}


def _settled(name: str, definitions: dict[str, Schema]) -> Schema:
    """Return a definition with flat fields replaced by their keys."""
    found = definitions[name]
    properties: Schema = {}
    required: list[str] = []
    for key, one in found["properties"].items():
        if key in found[_FLAT]:
            inner = _settled(_named(one), definitions)
            properties |= inner["properties"]
            required += inner["required"] if "$ref" in one else []
        else:
            properties[key] = one
            required += [] if key in found[_SPARSE] else [key]
    told = _description(found.get("description", ""))
    return {"type": "object", **told, "properties": properties, "required": required}


def _named(schema: Schema) -> str:
    """Return the name of the definition that a schema refers to, nullable or not."""
    options = [schema, *schema.get("anyOf", ())]
    (found,) = [one["$ref"] for one in options if "$ref" in one]
    return str(found).removeprefix(_REFERENCE)


@cache
def definitions() -> dict[str, Schema]:
    """Return the schema of every object, by its dataclass's name."""
    classes = dict.fromkeys(one for some in RESULTS.values() for one in some)
    asked = [(one, "serialization", TypeAdapter(one).core_schema) for one in [*classes, Failure]]
    _, made = _Generator().generate_definitions(asked)  # type: ignore[arg-type]
    found: dict[str, Schema] = {str(name): one for name, one in made.items()}
    settled = {
        name: _settled(name, found) if _FLAT in found[name] else _plain(found[name])
        for name in found
    }
    used = [one.__name__ for one in [*classes, Failure]]
    for name in used:
        used += [one for one in _references(settled[name]) if one not in used]
    return {name: settled[name] for name in sorted(used)}


def _references(schema: Any) -> Iterator[str]:
    """Yield the names of the definitions that a schema refers to."""
    match schema:
        case {"$ref": str(reference)}:
            yield reference.removeprefix(_REFERENCE)
        case dict():
            for one in schema.values():
                yield from _references(one)
        case list():
            for one in schema:
                yield from _references(one)


def json_schema() -> Schema:
    """Return the schema of an envelope."""
    by_word: dict[str, list[str]] = {}
    for command, classes in RESULTS.items():
        names = by_word.setdefault(command.partition(" ")[0], [])
        names += [one.__name__ for one in classes if one.__name__ not in names]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What mldeploy writes to stdout with -o json",
        "oneOf": [*(_success(word, names) for word, names in by_word.items()), _failure()],
        "$defs": definitions(),
    }


def _success(word: str, names: list[str]) -> Schema:
    options = [{"$ref": f"{_REFERENCE}{one}"} for one in names]
    result = options[0] if len(options) == 1 else {"anyOf": options}
    return _envelope({"const": word}, ok=True, result=result)


def _failure() -> Schema:
    return _envelope({"type": "string"}, ok=False, error={"$ref": f"{_REFERENCE}Failure"})


def _envelope(command: Schema, *, ok: bool, **content: Schema) -> Schema:
    properties = {"format": {"const": FORMAT}, "command": command, "ok": {"const": ok}, **content}
    return {"type": "object", "properties": properties, "required": list(properties)}


def text() -> str:
    """Return the text of the schema file."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


_VERSION = f"{FORMAT}; it increases if a key changes its meaning or is removed, not if one is added"
_HEAD = f"""\
# JSON output

With `-o json` a command prints one JSON object to stdout, also for errors.
`python -m tools.output_schema` makes this page and
[output.schema.json](../mldeploy/render/output.schema.json), which is in the package, from the
dataclasses that the commands return.

| key | value |
| --- | --- |
| `format` | {_VERSION} |
| `command` | the command's first word, e.g. `plan`, or `iam` for `iam policy` |
| `ok` | whether the command succeeded |
| `result` | if `ok`: the object that the table below names |
| `error` | if not `ok`: a [Failure](#failure) |

`logs --follow` prints one such object per line.

| command | result |
| --- | --- |
"""


def page() -> str:
    """Return the page for people."""
    rows = [
        f"| `{command}` | {' or '.join(map(_link, (one.__name__ for one in classes)))} |"
        for command, classes in RESULTS.items()
    ]
    objects = [part for name, one in definitions().items() if (part := _section(name, one))]
    return _HEAD + "\n".join(rows) + "\n\n" + "\n\n".join(objects) + "\n"


def _section(name: str, schema: Schema) -> str:
    if "properties" not in schema:
        return ""
    rows = [
        f"| `{key}` | {_type(one)}{'' if key in schema['required'] else ', if any'} "
        f"| {_cell(one.get('description', ''))} |"
        for key, one in schema["properties"].items()
    ]
    head = [f"## {name}", "", schema.get("description", ""), "", "| key | type | meaning |"]
    return "\n".join([*head, "| --- | --- | --- |", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"


def _type(schema: Schema) -> str:  # noqa: PLR0911 - a table
    """Return a type as people read it."""
    match schema:
        case {"anyOf": options}:
            return " or ".join(map(_type, options))
        case {"$ref": str(reference)}:
            name = reference.removeprefix(_REFERENCE)
            found = definitions()[name]
            return _link(name) if "properties" in found else _type(found)
        case {"enum": options}:
            return " or ".join(f"`{json.dumps(one)}`" for one in options)
        case {"prefixItems": parts}:
            return f"list of {', '.join(map(_type, parts))}"
        case {"type": "array", "items": items}:
            return f"list of {_type(items)}"
        case {"additionalProperties": dict(values)}:
            return f"object of {_type(values)} by name"
        case {"type": str(kind)}:
            return kind
        case _:
            return "any"


if __name__ == "__main__":
    SCHEMA.write_text(text(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")

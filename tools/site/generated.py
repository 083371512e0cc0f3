"""Parts of pages that are written by the program: `<!-- generated: NAME -->` marks their places."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mldeploy.config.shape import json_schema
from tools.site import commands, endpoint, project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_MARK = re.compile(r"^<!-- generated: ([\w -]+) -->$", re.MULTILINE)
_REFERENCE = "#/$defs/"
_WORKFLOW = ("--github", "owner/name", "--account", "123456789012")
_LISTED = 12
"""Values that fit into a cell of a table."""
_NAMED = {"functions": "FUNCTION", "models": "MODEL", "stages": "STAGE"}


def insert(page: str, text: str, target: Path) -> str:
    """Return a page with what the program says in the marked places.

    Args:
        page: its path on the site.
        text: as it is in the repository.
        target: where files that the page links to are written.

    Raises:
        KeyError: a mark names nothing that can be generated.
    """
    if page == "commands.md":
        text = commands.with_options(text)
    return _MARK.sub(lambda found: _GENERATED[found[1]](target), text)


def marks(text: str) -> list[str]:
    """Return the names in a page's marks."""
    return _MARK.findall(text)


def _fenced(text: str, language: str) -> str:
    return f"```{language}\n{text.strip()}\n```"


def _keys(_target: Path) -> str:
    """Return a table of all keys of mldeploy.toml, with their variables."""
    rows = [
        f"| `{'.'.join(path)}` | {kind} | {default} | {_variable(path)} |"
        for path, kind, default in keys()
    ]
    return "\n".join(["| key | type | default | variable |", "| --- | --- | --- | --- |", *rows])


def keys() -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield the path, type and default of each key of mldeploy.toml."""
    schema = json_schema()
    tables = {name: one for name, one in schema["properties"].items() if name != "stages"}
    yield from _below((), {"properties": tables}, schema["$defs"])


def _below(
    path: tuple[str, ...], table: dict[str, Any], definitions: dict[str, Any]
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    for name, one in table["properties"].items():
        known = _followed(one, definitions)
        inner = next(iter(known.get("patternProperties", {}).values()), None)
        if inner is not None and name in _NAMED:
            yield from _below(
                (*path, name, _NAMED[name]), _followed(inner, definitions), definitions
            )
        elif "properties" in known and known.get("additionalProperties") is False and not path:
            yield from _below((*path, name), known, definitions)
        else:
            default = (
                f"`{json.dumps(one['default'])}`" if one.get("default") is not None else "none"
            )
            yield (*path, name), _kind(known, definitions), default


def _followed(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].removeprefix(_REFERENCE)]
    return schema


def _kind(schema: dict[str, Any], definitions: dict[str, Any]) -> str:  # noqa: PLR0911 - a table
    """Return a type as people read it."""
    match schema:
        case {"enum": values} if len(values) > _LISTED:
            return f"one of {len(values)} values"
        case {"oneOf": options} | {"anyOf": options}:
            kinds = [_kind(_followed(one, definitions), definitions) for one in options]
            return " or ".join(kind for kind in dict.fromkeys(kinds) if kind != "null")
        case {"enum": values}:
            return " or ".join(f"`{json.dumps(one)}`" for one in values)
        case {"const": value}:
            return f"`{json.dumps(value)}`"
        case {"type": "array", "items": items}:
            return f"list of {_kind(_followed(items, definitions), definitions)}"
        case {"type": "object"}:
            return "table"
        case {"type": list(kinds)}:
            return " or ".join(str(kind) for kind in kinds if kind != "null")
        case {"type": str(kind)}:
            return kind
        case _:
            return "any"


def _variable(path: tuple[str, ...]) -> str:
    return f"`MLDEPLOY_{'__'.join(part.upper() for part in path)}`"


_GENERATED: dict[str, Callable[[Path], str]] = {
    "keys": _keys,
    "iam policy": lambda _: _fenced(project.output("iam", "policy"), "json"),
    "iam trust": lambda _: _fenced(project.output("iam", "trust", *_WORKFLOW), "json"),
    "iam boundary": lambda _: _fenced(project.output("iam", "boundary"), "json"),
    "http api": endpoint.table,
}

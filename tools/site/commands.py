"""The options and examples of every command, from the program's own declarations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import typer

from mldeploy.cli.app import typer_app
from mldeploy.cli.commands import COMMANDS
from mldeploy.cli.examples import examples_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADING = re.compile(r"^## ", re.MULTILINE)
_WORD = re.compile(r"^[a-z][a-z-]*$")
_SHARED = ("--config", "--stage", "--region", "--profile", "--target", "--output", "--debug")
"""Described once, at the top of the page."""


def with_options(text: str) -> str:
    """Return docs/commands.md with each command's usage, options and examples below its section.

    Raises:
        ValueError: a command has no section.
    """
    head, *sections = _HEADING.split(text)
    left = dict.fromkeys(COMMANDS)
    written = [head]
    for section in sections:
        names = [one for one in left if one in _words(section)]
        tables = [one for name in names for one in _of_command(name)]
        written.append("\n\n".join([f"## {section.strip()}", *tables]) + "\n\n")
        for name in names:
            del left[name]
    if left:
        raise ValueError(f"docs/commands.md has no section for {', '.join(left)}")
    return "".join(written)


def _words(section: str) -> list[str]:
    """Return the words of a section's heading that may be commands."""
    heading = section.partition("\n")[0]
    firsts = [part.split() for part in re.split(r", | \| ", heading)]
    return [words[0] for words in firsts if words and _WORD.match(words[0])]


def _of_command(name: str) -> Iterator[str]:
    group: Any = typer.main.get_command(typer_app(name))
    found = group.commands[name]
    inner = getattr(found, "commands", None)
    for path, one in [(name, found)] if not inner else _subcommands(name, inner):
        context = one.context_class(one, info_name=f"mldeploy {path}")
        yield f"```text\n{one.get_usage(context).removeprefix('Usage: ')}\n```"
        yield from _options(one, context)
        yield _examples(one)


def _examples(command: Any) -> str:
    """Return a command's examples as a shell's lines, each below what it does."""
    lines = [f"# {one.says}\n$ {one.line}" for one in examples_of(command.callback)]
    return "```console\n" + "\n\n".join(lines) + "\n```"


def _options(command: Any, context: Any) -> Iterator[str]:
    """Yield a table of a command's own options, and the names of the shared ones."""
    own, shared = [], []
    for one in command.get_params(context):
        record = one.get_help_record(context)
        if long := next((name for name in one.opts if name in _SHARED), None):
            shared.append(f"`{long}`")
        elif record and "--help" not in one.opts:
            names = record[0].replace("|", "\\|")
            own.append(f"| `{names}` | {_cell(record[1])} |")
    if own:
        yield "\n".join(["| option | meaning |", "| --- | --- |", *own])
    if shared:
        yield f"Shared options: {', '.join(shared)}."


def _subcommands(name: str, inner: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(f"{name} {word}", one) for word, one in inner.items()]


def _cell(text: str) -> str:
    """Return a text for a cell of a table."""
    plain = re.sub(r"\s+", " ", text)
    return re.sub(r"([|<*_])", r"\\\1", plain) if "`" not in plain else plain.replace("|", "\\|")

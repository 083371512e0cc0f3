"""Help texts: options in groups with their defaults, then examples.

They are plain text: Typer's own, with rich, take 70 ms more and draw boxes around what users copy.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from textwrap import wrap
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from mldeploy.cli.examples import Example, examples_of
from mldeploy.cli.usage import no_subcommand

Row = tuple[str, str]
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
PROJECT, AWS, CANARY, IMAGES, OUTPUT = "Project", "AWS", "Canary", "Images", "Output"
"""Groups of options that several commands have."""
_WIDEST = 26
"""Characters of an option's name and value that still have the text beside them."""


class HelpCommand(TyperCommand):
    """A command whose help has groups of options, and examples."""

    def format_options(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Write the arguments and options, group by group."""
        _write(groups(self.get_params(ctx)), formatter)

    def format_epilog(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Write the examples."""
        del ctx
        _write_examples(examples_of(self.callback), formatter)


class HelpGroup(TyperGroup):
    """A command with commands of its own."""

    def format_options(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Write the commands with the first sentence of each, and the options."""
        rows = [(name, sentence(one.help or "")) for name, one in self.commands.items()]
        _write([("Commands", rows), *groups(self.get_params(ctx))], formatter)

    def format_epilog(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Write an example of each command."""
        del ctx
        found = [examples_of(one.callback) for one in self.commands.values()]
        _write_examples([one[0] for one in found if one], formatter)

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Parse the options before the command.

        Raises:
            MldeployError: MLD100 without a command.
        """
        if not args:
            raise no_subcommand(ctx.command_path, "", self.commands)
        return super().parse_args(ctx, args)

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        """Return the command that the first argument names.

        Raises:
            MldeployError: MLD100 for an unknown one.
        """
        if args and args[0] not in self.commands:
            raise no_subcommand(ctx.command_path, args[0], self.commands)
        return super().resolve_command(ctx, args)


def sentence(text: str) -> str:
    """Return the first paragraph of a help text as one line, without a full stop."""
    return " ".join(text.strip().partition("\n\n")[0].split()).removesuffix(".")


def groups(parameters: Iterable[object]) -> list[tuple[str, list[Row]]]:
    """Return the rows of a command's parameters by group: arguments first, the output last."""
    found: dict[str, list[Row]] = {}
    for one in parameters:
        if isinstance(one, TyperOption | TyperArgument) and not one.hidden:
            found.setdefault(_group(one), []).append((_names(one), _text(one)))
    last = found.pop(OUTPUT, [])
    return [*found.items(), *([(OUTPUT, last)] if last else [])]


def _group(one: TyperOption | TyperArgument) -> str:
    if isinstance(one, TyperArgument):
        return "Arguments"
    if one.name == "help":
        return OUTPUT
    return one.rich_help_panel or "Options"


def _names(one: TyperOption | TyperArgument) -> str:
    if isinstance(one, TyperArgument):
        return value_of(one)
    names = ", ".join(sorted([*one.opts, *one.secondary_opts], key=len))
    return names if one.is_flag else f"{names} {value_of(one)}"


def value_of(one: TyperOption | TyperArgument) -> str:
    """Return the name of a parameter's value: its choices, or what the command calls it."""
    choices = one.type_descriptor.choices if one.metavar is None else None
    return "|".join(map(_shown, choices)) if choices else one.metavar or (one.name or "").upper()


def _text(one: TyperOption | TyperArgument) -> str:
    default = default_of(one)
    more = [f"default: {default}"] if default else ["required"] if one.required else []
    if isinstance(one.envvar, str) and one.show_envvar:
        more.append(f"variable: {one.envvar}")
    return f"{one.help or ''} ({'; '.join(more)})" if more else one.help or ""


def default_of(one: TyperOption | TyperArgument) -> str:
    """Return a parameter's default as text; "" for a flag, and if there is none."""
    if isinstance(one.show_default, str):
        return one.show_default
    if one.default in {None, False, ""} or one.required:
        return ""
    return _shown(one.default)


def _shown(value: object) -> str:
    return str(value.value if isinstance(value, Enum) else value)


def _write(found: Sequence[tuple[str, list[Row]]], formatter: Any) -> None:
    names = [name for _, rows in found for name, _ in rows]
    column = min(max(map(len, names), default=0), _WIDEST) + 4
    for title, rows in found:
        with formatter.section(title):
            for name, text in rows:
                _write_row(name, text, column, formatter)


def _write_row(name: str, text: str, column: int, formatter: Any) -> None:
    """Write a row whose text begins in a column, the same in every group."""
    lines = wrap(text, formatter.width - column, break_on_hyphens=False) or [""]
    beside = len(name) + 4 <= column
    first = (
        [f"  {name.ljust(column - 2)}{lines[0]}"]
        if beside
        else [f"  {name}", " " * column + lines[0]]
    )
    rest = [" " * column + line for line in lines[1:]]
    formatter.write("".join(f"{line.rstrip()}\n" for line in [*first, *rest]))


def _write_examples(found: Sequence[Example], formatter: Any) -> None:
    if not found:
        return
    with formatter.section("Examples"):
        for one in found:
            formatter.write_text(f"{one.says}:")
            formatter.write(f"    {one.line}\n")

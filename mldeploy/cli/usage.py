"""Errors of command lines: unknown commands and options, with what was probably meant.

A guess is only shown: nothing is run by it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import typer

from mldeploy.cli.commands import COMMANDS
from mldeploy.errors import MldeployError
from mldeploy.text.suggest import closest

OTHER_COMMANDS = {
    "destroy": "delete down remove rm teardown undeploy uninstall",
    "invoke": "call curl predict query request score smoke-test test",
    "serve": "dev preview run start up web",
    "releases": "history list ls models revisions show versions",
    "stages": "environments envs list ls",
    "status": "describe diff drift info inspect ps url",
    "plan": "check dry-run validate what-if",
    "deploy": "apply create publish release ship update",
    "init": "new scaffold setup template",
    "train": "evaluate fit learn retrain",
    "rollback": "back restore revert undo",
    "promote": "copy move",
    "build": "bundle docker image package",
    "push": "upload",
    "logs": "log tail",
    "clean": "cleanup gc prune",
    "import": "add convert load",
    "audit": "cve sbom scan security",
    "cold-start": "bench benchmark measure profile",
    "iam": "permissions policy role",
    "local": "emulate emulator localstack moto",
    "events": "event examples samples",
}
"""Names that other tools have for what a command does."""

OTHER_OPTIONS = {
    "--stage": "--env --environment --workspace",
    "--yes": "--approve --auto-approve --force --no-confirm --no-input --non-interactive",
    "--output": "--format --json",
    "--debug": "--trace --verbose",
    "--function": "--fn --name",
    "--follow": "--watch",
    "--data": "--body --input --json-data --payload",
    "--out": "--file --output-dir --output-file",
    "--config": "--project --settings",
}
"""Names that other tools have for an option; an option's own name is first looked for."""


def no_command(word: str) -> MldeployError:
    """Return the error for a word that isn't a command; "" if there was none."""
    if not word:
        return MldeployError(
            "MLD100", "no command was given", "`mldeploy --help` lists the commands"
        )
    meant = [name for name, others in OTHER_COMMANDS.items() if word.lower() in others.split()]
    near = closest(word, COMMANDS)
    found = meant or ([near] if near else [])
    guess = " or ".join(f"`mldeploy {name}`" for name in found)
    return MldeployError(
        "MLD100",
        f"unknown command {word!r}",
        f"did you mean {guess}?" + (f" {COMMANDS[found[0]]}" if len(found) == 1 else "")
        if found
        else "`mldeploy --help` lists the commands",
    )


def require_command_first(arguments: Sequence[str]) -> None:
    """Refuse a command line that begins with an option.

    Raises:
        MldeployError: MLD100 with the line in its right order.
    """
    if not arguments or not arguments[0].startswith("-"):
        return
    command = next((one for one in arguments if one in COMMANDS), "")
    if not command:
        raise no_command("")
    after = [command, *[one for one in arguments if one != command]]
    raise MldeployError(
        "MLD100",
        f"{arguments[0]} is before the command",
        f"write the command first: `{' '.join(['mldeploy', *after])}`",
    )


def no_subcommand(path: str, word: str, known: Iterable[str]) -> MldeployError:
    """Return the error for a word that isn't a command of `mldeploy local`; "": there was none."""
    names = list(known)
    near = closest(word, names) if word else None
    return MldeployError(
        "MLD100",
        f"`{path}` has no command {word!r}" if word else f"`{path}` needs a command",
        f"did you mean `{path} {near}`?" if near else f"use one of: {', '.join(names)}",
    )


def usage_error(error: typer.TyperException, command: str) -> MldeployError:
    """Return Typer's error about the command line of a command as ours."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context else f"mldeploy {command}"
    help_text = f"`{path} --help` shows its options"
    wrong = getattr(error, "option_name", "")
    if wrong and hasattr(error, "possibilities"):
        names = [name for one in context.command.params for name in one.opts] if context else []
        meant = _option(wrong, names)
        return MldeployError(
            "MLD100",
            f"`{path}` has no option {wrong}",
            f"did you mean {meant}?" if meant else help_text,
        )
    said = " ".join(error.format_message().replace("Value error, ", "").split())
    return MldeployError("MLD100", said.removesuffix("."), f"{help_text} and examples")


def _option(wrong: str, known: Sequence[str]) -> str:
    """Return the option that was probably meant, with backticks, or ""."""
    if wrong == "--json" and "--output" in known:
        return "`-o json`"
    if wrong in {"--dry-run", "--check"}:
        return "`mldeploy plan`, which changes nothing"
    other = [name for name, others in OTHER_OPTIONS.items() if wrong in others.split()]
    near = next((one for one in other if one in known), None)
    near = near or closest(wrong, [one for one in known if one.startswith("--")], 0.7)
    return f"`{near}`" if near else ""

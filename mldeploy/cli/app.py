"""Runs a command: finds its module, passes a renderer, and turns errors into exit codes."""

import importlib
import os
import sys
from collections.abc import Sequence
from keyword import iskeyword
from typing import cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from mldeploy.aws.errors import is_aws_error, translate
from mldeploy.cli.commands import COMMANDS
from mldeploy.cli.helping import SETTINGS, HelpCommand, HelpGroup
from mldeploy.cli.surroundings import Surroundings
from mldeploy.cli.usage import no_command, require_command_first, usage_error
from mldeploy.deploy.outside import REAL, Outside
from mldeploy.errors import ExitCode, MldeployError, disk_full
from mldeploy.render import Renderer, renderer_for


def run(arguments: Sequence[str], outside: Outside = REAL) -> int:
    """Run a command line and return the exit code; raises nothing.

    Args:
        arguments: without the program's name.
        outside: the clock, network, Docker and AWS.
    """
    arguments = with_help(arguments)
    command, renderer = _command_of(arguments), _renderer_of(arguments)
    try:
        require_command_first(arguments)
        # A command's own return value is its exit code; None is success.
        code = typer_app(command)(
            list(arguments),
            prog_name="mldeploy",
            standalone_mode=False,
            obj=Surroundings(renderer, outside),
        )
        return _interrupted(renderer) if code == ExitCode.INTERRUPTED else int(code or 0)
    except KeyboardInterrupt:
        return _interrupted(renderer)
    except typer.Abort:
        return _interrupted(renderer)
    except BrokenPipeError:
        # The reader of stdout is gone; Python would print another error at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FAILURE
    except Exception as error:  # noqa: BLE001 - this is where every error ends
        return _report(error, command, renderer)
    finally:
        renderer.close()


def with_help(arguments: Sequence[str]) -> Sequence[str]:
    """Return `mldeploy help COMMAND` as `mldeploy COMMAND --help`, and others as they are."""
    return [*arguments[1:], "--help"] if arguments[:1] == ["help"] else arguments


def interrupted(arguments: Sequence[str]) -> int:
    """Report that a command line was interrupted, and return the exit code."""
    return _interrupted(_renderer_of(arguments))


def _command_of(arguments: Sequence[str]) -> str:
    if arguments and arguments[0].startswith("-"):
        return next((word for word in arguments if word in COMMANDS), "")
    return arguments[0] if arguments else ""


def _renderer_of(arguments: Sequence[str]) -> Renderer:
    command, output = _command_of(arguments), output_of(arguments, os.environ)
    if output == "markdown" and command != "plan":
        output = "human"
    return renderer_for(command, output, "--debug" in arguments, arguments)


def typer_app(command: str) -> typer.Typer:
    """Return an app with only one command, because importing the others takes time.

    Raises:
        MldeployError: MLD100 for an unknown command.
    """
    if command not in COMMANDS:
        raise no_command(command)
    app = typer.Typer(
        name="mldeploy",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        no_args_is_help=False,
        context_settings=SETTINGS,
    )

    @app.callback()
    def root() -> None:
        """From a scikit-learn pipeline on a laptop to an HTTPS endpoint on AWS Lambda."""

    name = command.replace("-", "_") + "_" * iskeyword(command)
    module = importlib.import_module(f"mldeploy.cli.{name}")
    subcommands = getattr(module, "app", None)
    if subcommands is None:
        story = getattr(module, name)
        app.command(command, help=story.__doc__, cls=HelpCommand)(story)
    else:
        for one in subcommands.registered_commands:
            one.cls = HelpCommand
        app.add_typer(subcommands, name=command, cls=HelpGroup)
    return app


def every_command() -> dict[str, TyperCommand]:
    """Return the commands by their names, such as "local start", for tests and documentation."""
    found: dict[str, TyperCommand] = {}
    for name in COMMANDS:
        command = cast("TyperGroup", get_command(typer_app(name))).commands[name]
        below = command.commands if isinstance(command, TyperGroup) else {}
        found |= {f"{name} {one}": cast("TyperCommand", below[one]) for one in below}
        if isinstance(command, TyperCommand):
            found[name] = command
    return found


def output_of(arguments: Sequence[str], environ: "os._Environ[str] | dict[str, str]") -> str:
    """Return the requested output format before parsing, because parsing may fail."""
    for first, second in zip(arguments, [*arguments[1:], ""], strict=True):
        if first in {"-o", "--output"}:
            return second
        for option in ("--output=", "-o"):
            if first.startswith(option):
                return first.removeprefix(option)
    return environ.get("MLDEPLOY_OUTPUT", "")


def _interrupted(renderer: Renderer) -> int:
    renderer.error(
        MldeployError(
            "MLD130",
            "interrupted",
            "run the same command again; it continues where it stopped",
            exit_code=ExitCode.INTERRUPTED,
        )
    )
    return ExitCode.INTERRUPTED


def _report(error: Exception, command: str, renderer: Renderer) -> int:
    if isinstance(error, typer.TyperException):
        known = usage_error(error, command)
    elif isinstance(error, MldeployError) or is_aws_error(error):
        known = translate(error)
    else:
        from mldeploy.files.crash import unexpected

        known = disk_full(error) or unexpected(error)
    renderer.error(known)
    return known.exit_code

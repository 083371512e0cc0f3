"""`mldeploy init`."""

import os
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from mldeploy.cli.options import DebugOption, OutputFormat, OutputOption, YesOption
from mldeploy.config import Auth, FunctionConfig
from mldeploy.errors import MldeployError
from mldeploy.project.scaffold import Answers, checked, default_name, require_empty_place, scaffold
from mldeploy.render import Renderer
from mldeploy.render.machine import project_words

FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="The new project's folder.")]
NameOption = Annotated[str | None, typer.Option(help="Project name. Default: the folder's name.")]
RegionOption = Annotated[
    str | None, typer.Option(help="AWS region to write to the file. Default: the profile's region.")
]
AuthOption = Annotated[
    Literal["none", "iam"] | None,
    typer.Option(help="Who may call the endpoint: none (PUBLIC) or iam (signed requests only)."),
]
MemoryOption = Annotated[int | None, typer.Option(help="Memory of the function in MB.")]

_AUTH = Answers.auth
"""The default of --yes, and of the question if the user presses Enter."""


def init(
    ctx: typer.Context,
    folder: FolderArgument = Path(),
    name: NameOption = None,
    region: RegionOption = None,
    auth: AuthOption = None,
    memory: MemoryOption = None,
    yes: YesOption = False,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Scaffold a working project: the Iris example with a mldeploy.toml of its own.

    On a terminal it asks; every question has a flag, and --yes takes the defaults.
    """
    renderer = ctx.obj.renderer
    require_empty_place(folder)
    ask = renderer if renderer.interactive and not yes else None
    answers = Answers(
        name=_name(name, folder, ask),
        region=_region(region, ask),
        auth=_auth(auth, ask, yes=yes),
        memory=_memory(memory, ask),
    )
    made = scaffold(folder, checked(answers))
    renderer.result(made, project_words(made, folder))


def _name(name: str | None, folder: Path, ask: Renderer | None) -> str:
    default = default_name(folder)
    if name is not None or ask is None:
        return name if name is not None else default
    return ask.ask("The project's name", default)


def _region(region: str | None, ask: Renderer | None) -> str:
    default = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
    if region is not None or ask is None:
        return region if region is not None else default
    return ask.ask("AWS region (without one: the profile's own)", default)


def _auth(auth: Auth | None, ask: Renderer | None, *, yes: bool) -> Auth:
    """Return the authorization: signed requests by default, so that nothing becomes public."""
    if auth is not None:
        return auth
    if ask is not None:
        ask.say("Who may call the endpoint? none: anyone (PUBLIC). iam: signed requests only.")
        return cast("Auth", ask.choose("auth", ("none", "iam"), _AUTH))
    if yes:
        return _AUTH
    raise MldeployError(
        "MLD122",
        "who may call the endpoint isn't set, and there is no terminal to ask",
        "add --auth none (public), or --auth iam (signed requests), "
        f"or --yes for the defaults ({_AUTH})",
    )


def _memory(memory: int | None, ask: Renderer | None) -> int:
    default = FunctionConfig.memory
    if memory is not None or ask is None:
        return memory if memory is not None else default
    answer = ask.ask("Memory in MB (1769 MB give one full vCPU)", str(default))
    try:
        return int(answer)
    except ValueError as error:
        raise MldeployError("MLD102", "the memory must be a whole number of MB") from error

"""Decorators of commands, which read the project's settings and pass a renderer.

A command is a function, `def plan(settings, renderer, outside, *, its own options)`; the decorators
add the shared options and load the configuration. A command that uses neither AWS nor Docker omits
`outside`.
"""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from mldeploy.cli.examples import examples_of
from mldeploy.cli.helping import AWS, PROJECT
from mldeploy.cli.options import (
    DebugOption,
    OutputFormat,
    OutputOption,
    PlanFormat,
    PlanOutputOption,
)
from mldeploy.config import Config
from mldeploy.config.file import load_config

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="Configuration file.",
        show_default="mldeploy.toml here or above",
        envvar="MLDEPLOY_CONFIG",
        rich_help_panel=PROJECT,
    ),
]
StageOption = Annotated[
    str | None,
    typer.Option(
        "--stage",
        "-s",
        metavar="NAME",
        help="Stage, which has its own functions and URL.",
        show_default="MLDEPLOY_STAGE, else dev",
        rich_help_panel=PROJECT,
    ),
]
RegionOption = Annotated[
    str | None,
    typer.Option(
        "--region",
        metavar="REGION",
        help="AWS region.",
        show_default="the file's, else AWS_REGION, else the profile's",
        rich_help_panel=AWS,
    ),
]
ProfileOption = Annotated[
    str | None,
    typer.Option(
        "--profile",
        metavar="NAME",
        help="Profile of AWS's configuration files.",
        show_default="MLDEPLOY_PROFILE, else AWS_PROFILE",
        rich_help_panel=AWS,
    ),
]
TargetOption = Annotated[
    str | None,
    typer.Option(
        "--target",
        metavar="aws|local",
        help="local: use the embedded AWS on this machine.",
        show_default="MLDEPLOY_TARGET, else aws",
        rich_help_panel=AWS,
    ),
]

_PROJECT = {"config": ConfigOption, "stage": StageOption}
_AWS = {"region": RegionOption, "profile": ProfileOption, "target": TargetOption}
# `app` reads these two before parsing, because parsing may fail.
_OUTPUT: dict[str, tuple[Any, object]] = {
    "output": (OutputOption, OutputFormat.HUMAN),
    "debug": (DebugOption, False),
}

Story = Callable[..., int | None]
Subject = Callable[..., Any]
"""Turns the shared options into the function's first arguments."""


def project_command(story: Story) -> Story:
    """Return a command for a function that never calls AWS."""
    return _command(story, _PROJECT, load_config)


def aws_command(story: Story) -> Story:
    """Return a command for a function that calls AWS."""
    return _command(story, {**_PROJECT, **_AWS}, load_config)


def plan_command(story: Story) -> Story:
    """Return a command for a function that calls AWS and shows a plan as its result."""
    markdown = (PlanOutputOption, PlanFormat.HUMAN)
    return _command(story, {**_PROJECT, **_AWS}, load_config, {**_OUTPUT, "output": markdown})


def stages_command(story: Story) -> Story:
    """Return a command for a function with two stages, which receives a loader of stages."""
    return _command(story, {"config": ConfigOption, **_AWS}, _loader)


def _loader(config: Path | None, **where: Any) -> Callable[[str], Config]:
    return lambda stage: load_config(config, stage=stage, **where)


def _command(
    story: Story,
    options: dict[str, Any],
    subject: Subject,
    output: Mapping[str, tuple[Any, object]] = _OUTPUT,
) -> Story:
    parameters_of_story = inspect.signature(story).parameters
    own = [one for one in parameters_of_story.values() if one.kind is one.KEYWORD_ONLY]
    reaches_out = "outside" in parameters_of_story
    shared = {**{name: (kind, None) for name, kind in options.items()}, **output}

    def command(ctx: typer.Context, **given: Any) -> int | None:
        chosen = {name: given.pop(name) for name in shared}
        where = {name: chosen[name] for name in options if name != "config"}
        more = (ctx.obj.outside,) if reaches_out else ()
        return story(subject(chosen["config"], **where), ctx.obj.renderer, *more, **given)

    parameters = [
        inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
        *own,
        *(
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind
            )
            for name, (kind, default) in shared.items()
        ),
    ]
    # Typer reads both: the signature for names and defaults, the annotations for types.
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {one.name: one.annotation for one in parameters}
    command.__name__, command.__doc__ = story.__name__, story.__doc__
    command.examples = examples_of(story)  # type: ignore[attr-defined]
    return command

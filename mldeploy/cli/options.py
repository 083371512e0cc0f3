"""Options shared by several commands."""

from dataclasses import replace
from enum import StrEnum
from typing import Annotated

import typer

from mldeploy.cli.helping import CANARY, IMAGES, OUTPUT
from mldeploy.config import Config


class OutputFormat(StrEnum):
    """The format of a command's result."""

    HUMAN = "human"
    JSON = "json"


class PlanFormat(StrEnum):
    """The format of a plan."""

    HUMAN = "human"
    JSON = "json"
    MARKDOWN = "markdown"


class BuilderChoice(StrEnum):
    """What builds images."""

    AUTO = "auto"
    DOCKER = "docker"
    DIRECT = "direct"


BuilderOption = Annotated[
    BuilderChoice | None,
    typer.Option(
        "--builder",
        help="What builds the image; direct: without Docker, auto: Docker if an engine responds.",
        show_default="[image] builder",
        rich_help_panel=IMAGES,
    ),
]


def built_with(settings: Config, builder: BuilderChoice | None) -> Config:
    """Return the settings with the builder that an option names."""
    if builder is None:
        return settings
    return replace(settings, image=replace(settings.image, builder=builder.value))


YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask for confirmation.")]
FunctionOption = Annotated[
    str | None,
    typer.Option("--function", "-f", metavar="NAME", help="Function to use if there are several."),
]
CanaryOption = Annotated[
    str | None,
    typer.Option(
        "--canary",
        metavar="SHARE",
        help="Share of traffic for the new release first, e.g. 10%.",
        show_default="[deploy] canary, else none",
        rich_help_panel=CANARY,
    ),
]
ForOption = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="TIME",
        help="How long to watch the canary, e.g. 10m.",
        show_default="[deploy] canary_for",
        rich_help_panel=CANARY,
    ),
]
DigestOption = Annotated[
    list[str] | None,
    typer.Option(
        "--digest",
        metavar="sha256:…",
        help="Use this image in ECR, pushed by another job. Repeat the option for each image.",
        rich_help_panel=IMAGES,
    ),
]
AllowBreakingOption = Annotated[
    bool,
    typer.Option("--allow-breaking", help="Allow a model that may break its clients."),
]
OutputOption = Annotated[
    OutputFormat,
    typer.Option(
        "--output", "-o", help="json: print one JSON object to stdout.", rich_help_panel=OUTPUT
    ),
]
PlanOutputOption = Annotated[
    PlanFormat,
    typer.Option(
        "--output",
        "-o",
        help="json: print one JSON object to stdout; markdown: for a pull request comment.",
        rich_help_panel=OUTPUT,
    ),
]
ExitCodeOption = Annotated[
    bool, typer.Option("--exit-code", help="Exit with 3 if there are changes.")
]
DebugOption = Annotated[
    bool,
    typer.Option(
        "--debug", help="Print the progress of each step to stderr.", rich_help_panel=OUTPUT
    ),
]

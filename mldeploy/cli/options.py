"""Options that several commands share."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class OutputFormat(StrEnum):
    """How a command's result is written."""

    HUMAN = "human"
    JSON = "json"


ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The configuration; by default mldeploy.toml here or in a folder above.",
        envvar="MLDEPLOY_CONFIG",
    ),
]
StageOption = Annotated[
    str | None, typer.Option("--stage", "-s", help="The stage; dev by default.")
]
RegionOption = Annotated[str | None, typer.Option("--region", help="The AWS region.")]
ProfileOption = Annotated[str | None, typer.Option("--profile", help="The AWS profile.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]
OutputOption = Annotated[
    OutputFormat,
    typer.Option("--output", "-o", help="json: one versioned envelope on stdout."),
]
DebugOption = Annotated[
    bool, typer.Option("--debug", help="Say more on stderr: the log file of an unexpected error.")
]

"""Options that more than one command takes."""

from enum import StrEnum
from typing import Annotated

import typer


class OutputFormat(StrEnum):
    """How a command's result is written."""

    HUMAN = "human"
    JSON = "json"


class PlanFormat(StrEnum):
    """How a plan is written."""

    HUMAN = "human"
    JSON = "json"
    MARKDOWN = "markdown"


YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask for confirmation.")]
FunctionOption = Annotated[
    str | None, typer.Option("--function", "-f", help="One of several functions.")
]
CanaryOption = Annotated[
    str | None,
    typer.Option("--canary", metavar="SHARE", help="Give a new release this share first: 10%."),
]
ForOption = Annotated[
    str | None, typer.Option("--for", metavar="TIME", help="How long a canary is watched: 10m.")
]
DigestOption = Annotated[
    list[str] | None,
    typer.Option(
        "--digest",
        metavar="sha256:…",
        help="Use this image of ECR, which another job has pushed; once for each image.",
    ),
]
AllowBreakingOption = Annotated[
    bool,
    typer.Option("--allow-breaking", help="Accept a model that may break its clients."),
]
OutputOption = Annotated[
    OutputFormat,
    typer.Option("--output", "-o", help="json: one versioned envelope on stdout."),
]
PlanOutputOption = Annotated[
    PlanFormat,
    typer.Option(
        "--output",
        "-o",
        help="json: one versioned envelope on stdout; markdown: for a pull request's comment.",
    ),
]
ExitCodeOption = Annotated[
    bool, typer.Option("--exit-code", help="Exit with 3 when there are changes.")
]
DebugOption = Annotated[
    bool, typer.Option("--debug", help="Say more on stderr: each step's progress.")
]

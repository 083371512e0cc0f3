"""Options that more than one command takes."""

from enum import StrEnum
from typing import Annotated

import typer


class OutputFormat(StrEnum):
    """How a command's result is written."""

    HUMAN = "human"
    JSON = "json"


YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing.")]
OutputOption = Annotated[
    OutputFormat,
    typer.Option("--output", "-o", help="json: one versioned envelope on stdout."),
]
DebugOption = Annotated[
    bool, typer.Option("--debug", help="Say more on stderr: each step's progress.")
]

"""`mldeploy explain`."""

from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import DebugOption, OutputFormat, OutputOption
from mldeploy.files.manual import PAGES, explained
from mldeploy.render.explained import explanation_words

WhatArgument = Annotated[
    str,
    typer.Argument(
        metavar="CODE",
        help=f"Error code, such as MLD402, or a page: {', '.join(PAGES)}.",
        show_default="list all codes",
    ),
]


@examples(
    ("Show why AWS denied a call, and what to do", "mldeploy explain MLD402"),
    ("List all error codes", "mldeploy explain"),
    ("Read about the train module", "mldeploy explain training"),
)
def explain(
    ctx: typer.Context,
    what: WhatArgument = "",
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Show what an error code means, why it happens and what to do."""
    found = explained(what)
    ctx.obj.renderer.result(found, explanation_words(found))

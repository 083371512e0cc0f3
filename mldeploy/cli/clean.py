"""`mldeploy clean`."""

from collections.abc import Sequence
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import DebugOption, OutputFormat, OutputOption, YesOption
from mldeploy.cli.shared import ConfigOption
from mldeploy.config.file import load_config
from mldeploy.deploy.cleaning import leftovers
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.files.leftover import Leftover, cleaned
from mldeploy.render import Renderer
from mldeploy.render.machine import cleaned_words, leftover_rows, leftover_words
from mldeploy.render.words import size

AllOption = Annotated[
    bool,
    typer.Option(
        "--all",
        help="Also remove the newest images of every project, build caches and error logs.",
    ),
]


@examples(
    ("List what the project has left on this machine, ask, and remove it", "mldeploy clean"),
    ("Remove what all projects have left, without being asked", "mldeploy clean --all --yes"),
)
def clean(
    ctx: typer.Context,
    everything: AllOption = False,
    yes: YesOption = False,
    config: ConfigOption = None,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> int:
    """Remove superseded images, and what killed commands left on this machine."""
    renderer, outside = ctx.obj.renderer, ctx.obj.outside
    settings = None if everything else load_config(config)
    found = leftovers(settings, renderer.on_event, outside.engine, everything=everything)
    renderer.show(leftover_words(found))
    if found and not yes and not _agreed(found, renderer):
        renderer.say("Nothing was removed.")
        return ExitCode.FAILURE
    done = cleaned(found)
    renderer.result(done, cleaned_words(done))
    return ExitCode.OK


def _agreed(found: Sequence[Leftover], renderer: Renderer) -> bool:
    """Return whether the user confirms the removal.

    Raises:
        MldeployError: MLD326 without a terminal, with what was found.
    """
    total = size(sum(one.size for one in found))
    if renderer.interactive:
        return renderer.confirm(f"Remove these {len(found)} ({total})?")
    raise MldeployError(
        "MLD326",
        f"{len(found)} leftovers ({total}) were found, and there is no terminal to ask for "
        "confirmation",
        "pass --yes to remove them, or run the command in a terminal",
        details=leftover_rows(found),
        exit_code=ExitCode.USAGE,
    )

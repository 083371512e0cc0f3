"""`mldeploy local`."""

from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import DebugOption, OutputFormat, OutputOption
from mldeploy.embedded.control import running, started, stop
from mldeploy.embedded.described import StoppedCloud, described
from mldeploy.embedded.place import Cloud, Mode
from mldeploy.render import Renderer
from mldeploy.render.machine import cloud_words, stopped_words

app = typer.Typer(help="Start and stop the embedded AWS on this machine.")

FunctionsOption = Annotated[
    Mode | None,
    typer.Option(
        "--functions",
        help="How to run functions.",
        show_default="in containers if a Docker engine responds",
    ),
]


@app.command("start")
@examples(
    ("Start the embedded AWS", "mldeploy local start"),
    ("Run its functions as processes, without Docker", "mldeploy local start --functions process"),
)
def start(
    ctx: typer.Context,
    functions: FunctionsOption = None,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Start the embedded AWS, as `mldeploy deploy --target local` does automatically."""
    renderer, outside = ctx.obj.renderer, ctx.obj.outside
    _tell(started(renderer.on_event, functions, outside.engine), renderer)


@app.command("status")
@examples(
    ("Show its address", "mldeploy local status"),
    ("Show its address and its folder, for a script", "mldeploy local status -o json"),
)
def status(
    ctx: typer.Context,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Show the address of the embedded AWS; exit with 1 if it isn't running."""
    _tell(running(), ctx.obj.renderer)


@app.command("stop")
@examples(
    ("Stop it, and delete everything deployed to it", "mldeploy local stop"),
    ("Do the same in a script, which reads whether it ran", "mldeploy local stop -o json"),
)
def end(
    ctx: typer.Context,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Stop the embedded AWS and its functions, and delete everything deployed to it."""
    renderer: Renderer = ctx.obj.renderer
    done = StoppedCloud(stop() is not None)
    renderer.result(done, stopped_words(done))


def _tell(cloud: Cloud, renderer: Renderer) -> None:
    found = described(cloud)
    renderer.result(found, cloud_words(found))

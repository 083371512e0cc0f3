"""`mldeploy local`."""

from typing import Annotated

import typer

from mldeploy.cli.options import DebugOption, OutputFormat, OutputOption
from mldeploy.embedded.control import running, started, stop
from mldeploy.embedded.described import StoppedCloud, described
from mldeploy.embedded.place import Cloud, Mode
from mldeploy.render import Renderer
from mldeploy.render.machine import cloud_words, stopped_words

app = typer.Typer(help="Start and stop the embedded AWS on this machine.", no_args_is_help=True)

FunctionsOption = Annotated[
    Mode | None,
    typer.Option(
        "--functions",
        help="How to run functions. Default: in containers if a Docker engine responds.",
    ),
]


@app.command("start")
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
def status(
    ctx: typer.Context,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Show the address of the embedded AWS; exit with 1 if it isn't running."""
    _tell(running(), ctx.obj.renderer)


@app.command("stop")
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

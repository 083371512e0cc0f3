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
        help="How functions run from now on. Default: as containers if a Docker engine answers.",
    ),
]


@app.command("start")
def start(
    ctx: typer.Context,
    functions: FunctionsOption = None,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Start it, as `mldeploy deploy --target local` does by itself."""
    renderer, outside = ctx.obj.renderer, ctx.obj.outside
    _tell(started(renderer.on_event, functions, outside.engine), renderer)


@app.command("status")
def status(
    ctx: typer.Context,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Say where it is; exit 1 where it isn't running."""
    _tell(running(), ctx.obj.renderer)


@app.command("stop")
def end(
    ctx: typer.Context,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """End it, its functions, and all that was deployed to it."""
    renderer: Renderer = ctx.obj.renderer
    done = StoppedCloud(stop() is not None)
    renderer.result(done, stopped_words(done))


def _tell(cloud: Cloud, renderer: Renderer) -> None:
    found = described(cloud)
    renderer.result(found, cloud_words(found))

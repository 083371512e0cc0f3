"""`mldeploy local`."""

from typing import Annotated

import typer

from mldeploy.cli.options import DebugOption, OutputFormat, OutputOption
from mldeploy.embedded.control import running, started, stop
from mldeploy.embedded.keys import CREDENTIALS
from mldeploy.embedded.place import Cloud, Mode
from mldeploy.render import Renderer

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
    renderer: Renderer = ctx.obj
    _tell(started(renderer.on_event, functions), renderer)


@app.command("status")
def status(
    ctx: typer.Context,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Say where it is; exit 1 where it isn't running."""
    _tell(running(), ctx.obj)


@app.command("stop")
def end(
    ctx: typer.Context,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """End it, its functions, and all that was deployed to it."""
    renderer: Renderer = ctx.obj
    stopped = stop()
    renderer.say("Stopped the embedded AWS." if stopped else "The embedded AWS wasn't running.")
    renderer.result({"stopped": stopped is not None}, "")


def _tell(cloud: Cloud, renderer: Renderer) -> None:
    credentials = str(cloud.folder / CREDENTIALS)
    renderer.table(
        [
            ("endpoint", cloud.endpoint),
            ("functions", f"run as {cloud.runs.plural}"),
            ("process", str(cloud.pid)),
            ("files", str(cloud.folder)),
            ("credentials", credentials),
        ]
    )
    renderer.result(
        {
            "endpoint": cloud.endpoint,
            "functions": str(cloud.runs),
            "pid": cloud.pid,
            "folder": str(cloud.folder),
            "credentials": credentials,
        },
        cloud.endpoint,
    )

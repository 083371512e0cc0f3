"""`mldeploy invoke`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import FunctionOption
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.errors import MldeployError
from mldeploy.invoke.invocation import (
    function_of,
    invoke_direct,
    invoke_http,
    invoke_local,
    pick_request,
)
from mldeploy.render import Renderer
from mldeploy.render.machine import answer_words, call_words

DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        "-d",
        metavar="JSON",
        help="JSON to send, @FILE with JSON or CSV, or - for stdin.",
        show_default="the bundle's example",
    ),
]
EventOption = Annotated[
    Path | None,
    typer.Option(
        "--event", "-e", metavar="FILE", help="An API Gateway event (REST 1.0, HTTP 2.0)."
    ),
]
DirectOption = Annotated[
    bool, typer.Option("--direct", help="Call Lambda instead of the API; show the end of the log.")
]
LocalOption = Annotated[
    bool, typer.Option("--local", help="Call the image on this machine, under Lambda's rules.")
]
ProcessOption = Annotated[
    bool, typer.Option("--process", help="Like --local, but in a process instead of the image.")
]
ExpectOption = Annotated[
    str | None,
    typer.Option(
        "--expect", metavar="JSON", help="Exit with 6 unless the response contains this JSON."
    ),
]
GoldenOption = Annotated[
    bool, typer.Option("--golden", help="Send all golden examples; exit with 6 on a difference.")
]


@aws_command
@examples(
    ("Send the bundle's example to the endpoint", "mldeploy invoke"),
    ("Send your own row", "mldeploy invoke --data '{\"features\": [5.1, 3.5, 1.4, 0.2]}'"),
    (
        "Compare all golden examples on this machine, without AWS and Docker",
        "mldeploy invoke --process --golden",
    ),
)
def invoke(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    data: DataOption = None,
    event: EventOption = None,
    function: FunctionOption = None,
    direct: DirectOption = False,
    local: LocalOption = False,
    process: ProcessOption = False,
    expect: ExpectOption = None,
    golden: GoldenOption = False,
) -> None:
    """Call the deployed endpoint with the bundle's example: the smoke test."""
    if direct and (local or process):
        here = "--process" if process else "--local"
        raise MldeployError(
            "MLD110", f"{here} and --direct can't be used together", "use one of them"
        )
    model = settings.of_model(function_of(settings, function).model)
    asked = pick_request(model, data, event, expect, golden=golden)
    if local or process:
        done = invoke_local(settings, asked, function, renderer.on_event, docker=not process)
    else:
        call = invoke_direct if direct else invoke_http
        done = call(settings, asked, function, connect(settings, renderer.on_event, outside))

    unseen = data is None and event is None and not golden
    renderer.show(call_words(done, asked.request.body if unseen else b""))
    done.judge(asked.expected)
    renderer.result(done, answer_words(done, table=sys.stdout.isatty()))

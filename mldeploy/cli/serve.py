"""`mldeploy serve`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.shared import project_command
from mldeploy.config import Config
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Failed, Finished, Started
from mldeploy.local.api.gateway import Gateway
from mldeploy.local.api.server import listening
from mldeploy.local.project import Project
from mldeploy.local.served import served
from mldeploy.local.ways.runnable import way_of
from mldeploy.render import Renderer
from mldeploy.render.machine import served_words

PortOption = Annotated[
    int,
    typer.Option(
        "--port",
        min=0,
        max=65535,
        metavar="PORT",
        help="Port; the next free one if it is in use. 0: any free one.",
    ),
]
EnvironmentsOption = Annotated[
    int,
    typer.Option(
        "--environments",
        min=1,
        metavar="COUNT",
        help="Maximum number of environments per function.",
    ),
]
DockerOption = Annotated[
    bool, typer.Option("--docker", help="Run the built image, in containers under Lambda's rules.")
]
_POLL = 0.1
"""Seconds between two checks for changed files."""


@project_command
@examples(
    ("Serve the API until Ctrl-C", "mldeploy serve"),
    (
        "Serve on another port, with up to four requests at once",
        "mldeploy serve --port 9000 --environments 4",
    ),
)
def serve(
    settings: Config,
    renderer: Renderer,
    *,
    port: PortOption = 8000,
    environments: EnvironmentsOption = 2,
    docker: DockerOption = False,
) -> None:
    """Serve the project's HTTP API on this machine, without AWS and Docker, until Ctrl-C."""
    if not settings.routed:
        raise MldeployError(
            "MLD605",
            "no function has a route, so there is no HTTP API to serve",
            "call a function with `mldeploy invoke --process`",
        )
    read = _changed(settings.file)
    settings = replace(settings, functions=settings.routed)
    with _running(settings, environments, renderer, docker=docker) as project:
        routes = {key: one.name for one in settings.functions for key in settings.routes(one)}
        gateway = Gateway(settings.api, routes, project.invoke)
        with listening(gateway.answer, port, lambda: settings.api.cors) as found:
            if port not in {0, found}:
                renderer.say(f"port {port} is in use; using {found}")
            project_urls = served(settings, f"http://127.0.0.1:{found}")
            renderer.result(project_urls, served_words(project_urls))
            _watch(project, settings.file, read, renderer)


def _watch(project: Project, file: Path, read: int, renderer: Renderer) -> None:
    """Reload changes until Ctrl-C."""
    try:
        while True:
            time.sleep(_POLL)
            project.reload()
            now = _changed(file)
            if now != read:
                renderer.say(f"{file.name} changed; restart `mldeploy serve` to apply it")
                read = now
    except KeyboardInterrupt:
        raise MldeployError("MLD130", "stopped serving", exit_code=ExitCode.INTERRUPTED) from None


def _changed(file: Path) -> int:
    """Return a file's modification time, or 0 if it doesn't exist."""
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


@contextmanager
def _running(
    settings: Config, environments: int, renderer: Renderer, *, docker: bool
) -> Iterator[Project]:
    with way_of(settings, renderer.on_event, renderer.say, docker=docker) as way:
        project = Project(settings, environments, way, renderer.say, renderer.say)
        try:
            _start(project, renderer)
            yield project
        finally:
            project.close()


def _start(project: Project, renderer: Renderer) -> None:
    step, began = "start the functions", time.monotonic()
    renderer.on_event(Started(step))
    if project.start():
        renderer.on_event(Finished(step, time.monotonic() - began))
    else:
        renderer.on_event(Failed(step, "not all of the code can be imported"))

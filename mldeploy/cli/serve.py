"""`mldeploy serve`."""

import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from mldeploy.cli.shared import project_command
from mldeploy.config import Config
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Failed, Finished, Started
from mldeploy.local.gateway import Gateway
from mldeploy.local.project import Project
from mldeploy.local.runnable import require_runtime_client
from mldeploy.local.server import listening
from mldeploy.render import Renderer

PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, help="The port, or the next one that is free.")
]
EnvironmentsOption = Annotated[
    int, typer.Option("--environments", min=1, help="The most environments of a function.")
]
_POLL = 0.1
"""Seconds between looks at the files."""


@project_command
def serve(
    settings: Config,
    renderer: Renderer,
    *,
    port: PortOption = 8000,
    environments: EnvironmentsOption = 2,
) -> None:
    """Serve the project's HTTP API on this machine, without AWS and Docker, until Ctrl-C."""
    require_runtime_client()
    # What ends this process otherwise must end the functions' processes, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _running(settings, environments, renderer) as project:
        routes = {key: one.name for one in settings.functions for key in settings.routes(one)}
        gateway = Gateway(settings.api, routes, project.invoke)
        with listening(gateway.answer, port) as found:
            if port not in {0, found}:
                renderer.say(f"port {port} is taken: this is port {found}")
            _tell(settings, renderer, f"http://127.0.0.1:{found}")
            _watch(project)


def _watch(project: Project) -> None:
    """Reload what changes, until Ctrl-C, which is how serving ends."""
    try:
        while True:
            time.sleep(_POLL)
            project.reload()
    except KeyboardInterrupt:
        raise MldeployError(
            "MLD130", "interrupted: nothing is served any more", exit_code=ExitCode.INTERRUPTED
        ) from None


@contextmanager
def _running(settings: Config, environments: int, renderer: Renderer) -> Iterator[Project]:
    with tempfile.TemporaryDirectory(prefix="mldeploy-serve-") as folder:
        project = Project(settings, environments, Path(folder), renderer.say, renderer.say)
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


def _tell(settings: Config, renderer: Renderer, base: str) -> None:
    """Give the URLs; the first alone is the result for people."""
    functions = [
        {"name": one.name, "route": one.route, "url": base + _path(one.route)}
        for one in settings.functions
    ]
    rows = [
        (one.name, f"{key.partition(' ')[0]} {base}{_path(key)}")
        for one in settings.functions
        for key in settings.routes(one)
    ]
    renderer.table(rows)
    if settings.api.auth != "none":
        renderer.say(f'auth = "{settings.api.auth}" isn\'t checked here: every request is admitted')
    renderer.say("reloads when the model or the included code changes; Ctrl-C ends it")
    result: dict[str, Any] = {"url": base, "functions": functions}
    renderer.result(result, functions[0]["url"])


def _path(route: str) -> str:
    return route.partition(" ")[2] or "/"

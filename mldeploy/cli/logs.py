"""`mldeploy logs`."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import FunctionOption
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.errors import ExitCode, MldeployError
from mldeploy.events import Started
from mldeploy.invoke.endpoint import deployed_function, nothing_deployed
from mldeploy.monitoring.logs import (
    LogEvent,
    follow_events,
    log_lines,
    pattern_of,
    read_events,
    start_of,
    written,
)
from mldeploy.plan.observe import observe
from mldeploy.render import Renderer
from mldeploy.render.listed import log_words
from mldeploy.resources.base import Context
from mldeploy.resources.log_group import LogGroup, functions_with_logs

SinceOption = Annotated[
    str,
    typer.Option("--since", metavar="TIME", help="How far back: 30s, 10m, 2h, 1d, or a time."),
]
FollowOption = Annotated[
    bool, typer.Option("--follow", "--tail", "-t", help="Keep printing new events until Ctrl-C.")
]
FilterOption = Annotated[
    str,
    typer.Option(
        "--filter",
        metavar="TEXT",
        help="Only lines with this text, or CloudWatch's filter pattern: '{ $.status >= 500 }'.",
    ),
]


@aws_command
@examples(
    ("Show the last ten minutes", "mldeploy logs"),
    (
        "Show the lines with an error of the last two hours",
        "mldeploy logs --since 2h --filter ERROR",
    ),
    ("Keep printing new lines of one function", "mldeploy logs --follow --function predict"),
)
def logs(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    function: FunctionOption = None,
    since: SinceOption = "10m",
    follow: FollowOption = False,
    text: FilterOption = "",
) -> None:
    """Show the functions' logs of the stage, newest last."""
    start = start_of(since, outside.now())
    context = connect(settings, renderer.on_event, outside)
    functions = _functions(settings, function, context)
    names = {one: one.removeprefix(settings.stage_prefix) for one in functions}
    if follow:
        renderer.say(f"following the logs of {', '.join(names.values())}; Ctrl-C ends it")
        _follow(follow_events(functions, start, pattern_of(text), context), start, names, renderer)
        return
    renderer.on_event(Started(f"read the logs of {', '.join(names.values())}"))
    found = list(read_events(functions, start, pattern_of(text), context))
    _show(found, names, renderer)
    if not found:
        what = "no log events with that" if text else "no log events"
        renderer.say(f"{what} of {', '.join(names.values())} since {written(start)}")


def _functions(config: Config, wanted: str | None, context: Context) -> list[str]:
    """Return the stage's functions with a log group of ours, or the requested one.

    Raises:
        MldeployError: MLD440 if nothing is deployed, MLD111 for an unknown function, MLD410 if a
            log group isn't managed by this project.
    """
    logged = functions_with_logs(config.project_prefix, context.reads)
    groups = [
        LogGroup(one, tags=config.tags) for one in logged if one.startswith(config.stage_prefix)
    ]
    there = [
        one.function for one in observe(groups, context.reads).values() if isinstance(one, LogGroup)
    ]
    if not there:
        raise nothing_deployed(config, context)
    return sorted(there) if wanted is None else [deployed_function(config, wanted, there)]


def _follow(
    batches: Iterable[Sequence[LogEvent]],
    start: datetime,
    names: dict[str, str],
    renderer: Renderer,
) -> None:
    """Print each batch as a separate result until Ctrl-C."""
    last = written(start)
    try:
        for batch in batches:
            if batch:
                _show(batch, names, renderer)
                last = batch[-1].time
    except KeyboardInterrupt:
        raise MldeployError(
            "MLD130", "interrupted: stopped following the logs",
            f"run the same command with --since {last} to continue",
            exit_code=ExitCode.INTERRUPTED,
        ) from None  # fmt: skip


def _show(found: Sequence[LogEvent], names: dict[str, str], renderer: Renderer) -> None:
    lines = log_lines(found, names)
    renderer.result(lines, log_words(lines))

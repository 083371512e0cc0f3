"""`mldeploy plan`."""

from typing import Annotated

import typer

from mldeploy.cli.rolling import show
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deployment import artifact_of_bundles, connect
from mldeploy.errors import ExitCode
from mldeploy.render import Renderer
from mldeploy.rollout import prepare

ExitCodeOption = Annotated[
    bool, typer.Option("--exit-code", help="Exit with 3 when there are changes.")
]


@aws_command
def plan(settings: Config, renderer: Renderer, *, exit_code: ExitCodeOption = False) -> int:
    """Show what a deploy would change, and change nothing."""
    artifact = artifact_of_bundles(settings)
    context = connect(settings, renderer.on_event, starts=True)
    rollout = prepare(settings, artifact, context)

    show(rollout, renderer)
    renderer.result(rollout.data(), "")
    return ExitCode.CHANGES_PENDING if exit_code and rollout else ExitCode.OK

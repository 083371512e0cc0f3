"""`mldeploy plan`."""

from typing import Annotated

import typer

from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deployment import artifact_of_bundle, compare, connect, plan_data
from mldeploy.errors import ExitCode
from mldeploy.render import Renderer

ExitCodeOption = Annotated[
    bool, typer.Option("--exit-code", help="Exit with 3 when there are changes.")
]


@aws_command
def plan(settings: Config, renderer: Renderer, *, exit_code: ExitCodeOption = False) -> int:
    """Show what a deploy would change, and change nothing."""
    artifact = artifact_of_bundle(settings)
    context = connect(settings, renderer.on_event)
    found = compare(settings, artifact, context)

    renderer.show_plan(found.plan, public=found.public)
    renderer.result(plan_data(found.plan, public=found.public), "")
    return ExitCode.CHANGES_PENDING if exit_code and found.plan else ExitCode.OK

"""`mldeploy plan`."""

from typing import Annotated

import typer

from mldeploy.cli.options import (
    ConfigOption,
    DebugOption,
    OutputFormat,
    OutputOption,
    ProfileOption,
    RegionOption,
    StageOption,
)
from mldeploy.config_file import load_config
from mldeploy.deployment import artifact_of_bundle, compare, connect, plan_data
from mldeploy.errors import ExitCode

ExitCodeOption = Annotated[
    bool, typer.Option("--exit-code", help="Exit with 3 when there are changes.")
]


def plan(
    ctx: typer.Context,
    config: ConfigOption = None,
    stage: StageOption = None,
    region: RegionOption = None,
    profile: ProfileOption = None,
    exit_code: ExitCodeOption = False,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> int:
    """Show what a deploy would change, and change nothing."""
    renderer = ctx.obj
    settings = load_config(config, stage=stage, region=region, profile=profile)
    artifact = artifact_of_bundle(settings)
    context = connect(settings, renderer.on_event)
    found = compare(settings, artifact, context)

    renderer.show_plan(found.plan, public=found.public)
    renderer.result(plan_data(found.plan, public=found.public), "")
    return ExitCode.CHANGES_PENDING if exit_code and found.plan else ExitCode.OK

"""`mldeploy push`."""

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
from mldeploy.deployment import artifact_of_bundle, carry_out, connect
from mldeploy.plan import diff, observe
from mldeploy.resources.ecr_images import deployable_uri
from mldeploy.stack import ORDER, image_stack


def push(
    ctx: typer.Context,
    config: ConfigOption = None,
    stage: StageOption = None,
    region: RegionOption = None,
    profile: ProfileOption = None,
    output: OutputOption = OutputFormat.HUMAN,
    debug: DebugOption = False,
) -> None:
    """Push the image to ECR, building it if needed; a tag that is there stays untouched."""
    renderer = ctx.obj
    settings = load_config(config, stage=stage, region=region, profile=profile)
    artifact = artifact_of_bundle(settings)
    context = connect(settings, renderer.on_event)
    desired = image_stack(settings, artifact, context.account)
    plan = diff(desired, observe(desired, context), ORDER)

    renderer.show_plan(plan, public=False)
    carry_out(plan, context)
    uri = deployable_uri(settings.repository, artifact.tag, context)
    renderer.result(
        {"image": uri, "tag": artifact.tag, "pushed": bool(plan), "seconds": renderer.phases}, uri
    )

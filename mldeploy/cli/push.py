"""`mldeploy push`."""

from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deployment import artifact_of_bundle, carry_out, connect
from mldeploy.plan import diff, observe
from mldeploy.render import Renderer
from mldeploy.resources.ecr_images import deployable_uri
from mldeploy.stack import ORDER, image_stack


@aws_command
def push(settings: Config, renderer: Renderer) -> None:
    """Push the image to ECR, building it if needed; a tag that is there stays untouched."""
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

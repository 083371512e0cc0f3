"""`mldeploy push`."""

from mldeploy.cli.examples import examples
from mldeploy.cli.options import BuilderOption, built_with
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.artifact import artifact_of_bundles
from mldeploy.deploy.cleaning import retention
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.deploy.shift import carry_out
from mldeploy.images.produced import pushed_images
from mldeploy.monitoring.results import Planned
from mldeploy.monitoring.where import where_of
from mldeploy.plan.diff import diff
from mldeploy.plan.observe import observe
from mldeploy.render import Renderer
from mldeploy.render.deployed import pushed_words
from mldeploy.resources.image import Image
from mldeploy.resources.image_proof import deployable_uri
from mldeploy.resources.kinds import ORDER
from mldeploy.resources.stack import image_stack


@aws_command
@examples(
    ("Push the image, and build it if needed", "mldeploy push"),
    (
        "Push in one CI job, and print the digest for `deploy --digest` of another",
        "mldeploy push --stage prod -o json",
    ),
)
def push(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    builder: BuilderOption = None,
) -> None:
    """Push the image to ECR, building it if needed; existing tags are kept."""
    settings = built_with(settings, builder)
    artifact = artifact_of_bundles(settings)
    context = connect(settings, renderer.on_event, outside, starts=True)
    desired = image_stack(settings, artifact, context.account)
    plan = diff(desired, observe(desired, context.reads), ORDER)

    renderer.show_plan(Planned.of(plan, where_of(settings, None, context), public=False))
    carry_out(settings, plan, context)
    if plan.of_kinds(Image.kind):
        context.builder.tidy(retention(settings), context.emit)
    uris = {
        one.tag: deployable_uri(settings.repository, one.tag, context) for one in artifact.sources
    }
    found = pushed_images(uris, pushed=bool(plan), seconds=renderer.phases)
    renderer.result(found, pushed_words(found))

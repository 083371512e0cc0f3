"""`mldeploy deploy`."""

from mldeploy.cli.options import CanaryOption, ForOption, YesOption
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deployment import artifact_of_bundles, connect, output_rows, urls
from mldeploy.errors import ExitCode
from mldeploy.render import Renderer
from mldeploy.rollout import prepare, roll_out, with_canary_options


@aws_command
def deploy(
    settings: Config,
    renderer: Renderer,
    *,
    yes: YesOption = False,
    canary: CanaryOption = None,
    duration: ForOption = None,
) -> int:
    """Make AWS match mldeploy.toml: a new release is verified before it gets requests."""
    settings = with_canary_options(settings, canary, duration)
    artifact = artifact_of_bundles(settings)
    context = connect(settings, renderer.on_event)
    rollout = prepare(settings, artifact, context)

    renderer.show_plan(rollout.plan, public=rollout.found.public)
    if (
        rollout.plan
        and renderer.interactive
        and not yes
        and not renderer.confirm("Apply this plan?")
    ):
        renderer.say("Nothing was changed.")
        return ExitCode.FAILURE
    made = roll_out(settings, artifact, rollout, context)
    renderer.table(output_rows(made))
    renderer.result({**made, "seconds": renderer.phases}, urls(made))
    return ExitCode.OK

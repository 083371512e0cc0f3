"""`mldeploy deploy`."""

from mldeploy.cli.options import AllowBreakingOption, CanaryOption, ForOption, YesOption
from mldeploy.cli.rolling import rolled_out
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deployment import artifact_of_bundles, connect
from mldeploy.render import Renderer
from mldeploy.rollout import with_canary_options


@aws_command
def deploy(
    settings: Config,
    renderer: Renderer,
    *,
    yes: YesOption = False,
    canary: CanaryOption = None,
    duration: ForOption = None,
    allow_breaking: AllowBreakingOption = False,
) -> int:
    """Make AWS match mldeploy.toml: a new release is verified before it gets requests."""
    settings = with_canary_options(settings, canary, duration)
    artifact = artifact_of_bundles(settings)
    context = connect(settings, renderer.on_event, starts=True)
    return rolled_out(settings, artifact, context, renderer, yes=yes, breaking=allow_breaking)

"""The story that `deploy` and `promote` share: show the plan, agree, carry it out."""

from mldeploy.config import Config
from mldeploy.consequences import require_compatible
from mldeploy.deployment import output_rows, urls
from mldeploy.errors import ExitCode
from mldeploy.render import Renderer
from mldeploy.resources.base import Context
from mldeploy.rollout import prepare, roll_out
from mldeploy.stack import Artifact


def rolled_out(
    settings: Config,
    artifact: Artifact,
    context: Context,
    renderer: Renderer,
    *,
    yes: bool,
    breaking: bool,
) -> int:
    """Bring a stage to an artifact, and show what there is then."""
    rollout = prepare(settings, artifact, context)

    renderer.show_plan(rollout.plan, public=rollout.found.public, lines=rollout.meaning.lines)
    require_compatible(rollout.meaning, allowed=breaking)
    ask = bool(rollout.plan) and renderer.interactive and not yes
    if ask and not renderer.confirm("Apply this plan?"):
        renderer.say("Nothing was changed.")
        return ExitCode.FAILURE
    made = roll_out(settings, artifact, rollout, context)
    renderer.table(output_rows(made))
    renderer.result({**made, "seconds": renderer.phases}, urls(made))
    return ExitCode.OK

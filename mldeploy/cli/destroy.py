"""`mldeploy destroy`."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from mldeploy.cli.agreement import require_name
from mldeploy.cli.options import YesOption
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.compare import plan_data, what_is_there
from mldeploy.deploy.home_region import require_home
from mldeploy.deploy.session import connect
from mldeploy.monitoring.stages import deployed_stages
from mldeploy.monitoring.where import where_of
from mldeploy.plan.apply import apply
from mldeploy.render import Renderer
from mldeploy.resources.base import Context

ConfirmOption = Annotated[
    str | None,
    typer.Option("--confirm", metavar="NAME", help="As --yes, if NAME is the project's name."),
]
ExpiredOption = Annotated[
    bool,
    typer.Option("--expired", help="Remove every expired stage, instead of --stage."),
]


@aws_command
def destroy(
    settings: Config,
    renderer: Renderer,
    *,
    yes: YesOption = False,
    confirm: ConfirmOption = None,
    expired: ExpiredOption = False,
) -> None:
    """Remove a stage from AWS, functions that left mldeploy.toml included."""
    context = connect(settings, renderer.on_event)
    if not expired:
        data = _destroyed(settings, context, renderer, confirm, yes=yes)
        renderer.result({**data, "seconds": renderer.phases}, "")
        return
    stages = [one.stage for one in deployed_stages(settings, context) if one.expired]
    if not stages:
        renderer.say(f"No stage of {settings.name} has expired in {context.account.region}.")
    done = []
    for stage in stages:
        # The file may have forgotten the stage: its name is all that a removal needs.
        one = replace(settings, stage=stage)
        done.append(_destroyed(one, context, renderer, confirm, yes=yes))
    renderer.result({"stages": done, "seconds": renderer.phases}, "\n".join(stages))


def _destroyed(
    settings: Config, context: Context, renderer: Renderer, confirm: str | None, *, yes: bool
) -> dict[str, Any]:
    """Remove a stage, and return what went for scripts."""
    found = what_is_there(settings, context)
    require_home(settings, found.observed, context)
    where = where_of(settings, found.observed, context)
    if not found.plan:
        renderer.say(f"Nothing of {settings.name} is deployed in stage {settings.stage}.")
    else:
        renderer.show_plan(found.plan, where=where, public=False)
        require_name(settings, where, renderer, confirm, yes=yes)
        apply(found.plan, context)
        renderer.say(f"Stage {settings.stage} of {settings.name} is gone.")
    return plan_data(found.plan, where=where, public=False)

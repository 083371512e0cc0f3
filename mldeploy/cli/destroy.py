"""`mldeploy destroy`."""

from typing import Annotated

import typer

from mldeploy.apply import apply
from mldeploy.cli.agreement import require_name
from mldeploy.cli.options import YesOption
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deployment import connect, plan_data, what_is_there
from mldeploy.home_region import require_home
from mldeploy.render import Renderer
from mldeploy.where import where_of

ConfirmOption = Annotated[
    str | None,
    typer.Option("--confirm", metavar="NAME", help="As --yes, if NAME is the project's name."),
]


@aws_command
def destroy(
    settings: Config, renderer: Renderer, *, yes: YesOption = False, confirm: ConfirmOption = None
) -> None:
    """Remove a stage from AWS, functions that left mldeploy.toml included."""
    context = connect(settings, renderer.on_event)
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
    data = plan_data(found.plan, where=where, public=False)
    renderer.result({**data, "seconds": renderer.phases}, "")

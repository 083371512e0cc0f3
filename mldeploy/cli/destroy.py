"""`mldeploy destroy`."""

from typing import Annotated

import typer

from mldeploy.apply import apply
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deployment import connect, plan_data, what_is_there
from mldeploy.errors import MldeployError
from mldeploy.render import Renderer

ConfirmOption = Annotated[
    str | None,
    typer.Option("--confirm", metavar="NAME", help="The project's name: agree without a question."),
]


@aws_command
def destroy(settings: Config, renderer: Renderer, *, confirm: ConfirmOption = None) -> None:
    """Remove a stage from AWS, functions that left mldeploy.toml included."""
    context = connect(settings, renderer.on_event)
    plan = what_is_there(settings, context).plan
    if not plan:
        renderer.say(f"Nothing of {settings.name} is deployed in stage {settings.stage}.")
    else:
        renderer.show_plan(plan, public=False)
        _agree(settings, confirm, renderer)
        apply(plan, context)
        renderer.say(f"Stage {settings.stage} of {settings.name} is gone.")
    renderer.result({**plan_data(plan, public=False), "seconds": renderer.phases}, "")


def _agree(settings: Config, confirm: str | None, renderer: Renderer) -> None:
    """Go on only if the project's name was given.

    Raises:
        MldeployError: MLD105, with nothing removed.
    """
    if confirm is None and renderer.interactive:
        confirm = renderer.ask(f"Type the project's name ({settings.name}) to remove this", "")
    if confirm != settings.name:
        given = f"{confirm!r} isn't the project's name" if confirm else "the removal wasn't agreed"
        raise MldeployError(
            "MLD106", f"{given}; nothing was removed", f"pass --confirm {settings.name}"
        )

"""`mldeploy stages`."""

from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.monitoring.stages import Stages, deployed_stages
from mldeploy.render import Renderer
from mldeploy.render.listed import stage_words

ExpiredOption = Annotated[bool, typer.Option("--expired", help="List only expired stages.")]


@aws_command
@examples(
    ("List the stages", "mldeploy stages"),
    ("List those whose time to live is over", "mldeploy stages --expired"),
)
def stages(
    settings: Config, renderer: Renderer, outside: Outside, *, expired: ExpiredOption = False
) -> None:
    """List the project's stages in this account and region, and when they expire."""
    context = connect(settings, renderer.on_event, outside)
    chosen = [one for one in deployed_stages(settings, context) if one.expired or not expired]
    account = context.account
    found = Stages(account.id, account.region, tuple(chosen), settings.name, expired)
    renderer.result(found, stage_words(found))

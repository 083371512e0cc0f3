"""`mldeploy stages`."""

from typing import Annotated

import typer

from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.session import connect
from mldeploy.monitoring.stages import DeployedStage, deployed_stages
from mldeploy.render import Renderer
from mldeploy.render.words import columns

ExpiredOption = Annotated[bool, typer.Option("--expired", help="List only expired stages.")]
_HEAD = ("stage", "functions", "live", "since", "expires")


@aws_command
def stages(settings: Config, renderer: Renderer, *, expired: ExpiredOption = False) -> None:
    """List the project's stages in this account and region, and when they expire."""
    context = connect(settings, renderer.on_event)
    found = [one for one in deployed_stages(settings, context) if one.expired or not expired]
    if not found:
        what = "No stage of {} has expired" if expired else "Nothing of {} is deployed"
        renderer.say(f"{what.format(settings.name)} in {context.account.region}.")
    renderer.result(
        {
            "account": context.account.id,
            "region": context.account.region,
            "stages": [one.data() for one in found],
        },
        columns([_HEAD, *map(_row, found)]) if found else "",
    )


def _row(one: DeployedStage) -> tuple[str, ...]:
    return (
        one.stage,
        " ".join(one.functions),
        " ".join(live.release for live in one.live) or "-",
        one.since,
        f"{one.expires} (expired)" if one.expired else one.expires or "never",
    )

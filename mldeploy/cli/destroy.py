"""`mldeploy destroy`."""

from dataclasses import replace
from typing import Annotated

import typer

from mldeploy.cli.agreement import require_name
from mldeploy.cli.examples import examples
from mldeploy.cli.options import YesOption
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.compare import what_is_there, with_aliases
from mldeploy.deploy.findings import require
from mldeploy.deploy.home_region import home_findings
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.files.remembered import Place, forget
from mldeploy.monitoring.results import Destroyed, DestroyedStages, Planned
from mldeploy.monitoring.stages import deployed_stages
from mldeploy.monitoring.where import where_of
from mldeploy.plan.apply import apply
from mldeploy.render import Renderer
from mldeploy.render.deployed import removed_stages_words, removed_words
from mldeploy.render.words import Words
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
@examples(
    (
        "List what would go, ask for the project's name, and remove the stage dev",
        "mldeploy destroy",
    ),
    ("Remove another stage without being asked", "mldeploy destroy --stage prod --confirm iris"),
    (
        "Remove every stage whose time to live is over, as a scheduled job",
        "mldeploy destroy --expired --yes",
    ),
)
def destroy(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    yes: YesOption = False,
    confirm: ConfirmOption = None,
    expired: ExpiredOption = False,
) -> None:
    """Remove a stage from AWS, functions that left mldeploy.toml included."""
    context = connect(settings, renderer.on_event, outside)
    if not expired:
        removed = _destroyed(settings, context, renderer, confirm, yes=yes)
        renderer.result(Destroyed(removed, renderer.phases), Words())
        return
    stages = [one.stage for one in deployed_stages(settings, context) if one.expired]
    done = []
    for stage in stages:
        # The stage may no longer be in the file; a removal only needs its name.
        one = replace(settings, stage=stage)
        done.append(_destroyed(one, context, renderer, confirm, yes=yes))
    found = DestroyedStages(tuple(done), renderer.phases)
    renderer.result(found, removed_stages_words(found, settings.name, context.account.region))


def _destroyed(
    settings: Config, context: Context, renderer: Renderer, confirm: str | None, *, yes: bool
) -> Planned:
    """Remove a stage, print that, and return what was removed."""
    found = what_is_there(settings, context.reads)
    require(home_findings(settings, found.observed, context), context.emit)
    where = where_of(settings, with_aliases(found.observed, context.reads), context)
    planned = Planned.of(found.plan, where, public=False)
    if found.plan:
        renderer.show_plan(planned)
        require_name(settings, where, renderer, confirm, yes=yes)
        apply(found.plan, context)
        forget(Place(settings.name, settings.stage, settings.target))
    renderer.show(removed_words(planned))
    return planned

"""`mldeploy rollback`."""

from typing import Annotated

import typer

from mldeploy.cli.agreement import agreed
from mldeploy.cli.examples import examples
from mldeploy.cli.options import FunctionOption, YesOption
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.session import connect
from mldeploy.deploy.shift import carry_out
from mldeploy.deploy.vouching import keep_at_hand
from mldeploy.errors import ExitCode
from mldeploy.monitoring.releases import live_aliases, rollback_plan
from mldeploy.monitoring.results import LiveRelease, Planned, RolledBack
from mldeploy.monitoring.where import where_of
from mldeploy.render import Renderer
from mldeploy.render.deployed import rollback_words
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import key

ReleaseArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="RELEASE",
        help="Release id, its first characters, or version number.",
        show_default="the release that was live before",
    ),
]


@aws_command
@examples(
    ("Go back to the release that was live before", "mldeploy rollback"),
    (
        "Serve version 1 in another stage again, without being asked",
        "mldeploy rollback 1 --stage prod --yes",
    ),
)
def rollback(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    release: ReleaseArgument = None,
    function: FunctionOption = None,
    yes: YesOption = False,
) -> int:
    """Verify and serve an earlier release again: one call per function. No bundle is needed."""
    context = connect(settings, renderer.on_event, outside)
    keep_at_hand(settings, context)
    plan = rollback_plan(settings, release, function, context)
    live = {key(one): one for one in live_aliases(settings, context)}
    where = where_of(settings, live, context)

    planned = Planned.of(plan, where, public=False)
    renderer.show_plan(planned)
    if plan and not agreed(settings, where, renderer, "Roll back", yes=yes):
        return ExitCode.FAILURE
    carry_out(settings, plan, context, returns=False)
    live_now = tuple(
        LiveRelease(one.after.function, one.after.release)
        for one in plan.changes
        if isinstance(one.after, Alias)
    )
    done = RolledBack(planned, live_now, renderer.phases)
    renderer.result(done, rollback_words(done))
    return ExitCode.OK

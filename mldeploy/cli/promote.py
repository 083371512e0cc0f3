"""`mldeploy promote`."""

from collections.abc import Callable
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import (
    AllowBreakingOption,
    CanaryOption,
    DigestOption,
    ForOption,
    YesOption,
)
from mldeploy.cli.rolling import rolled_out
from mldeploy.cli.shared import stages_command
from mldeploy.config import Config
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.promotion import artifact_of_stage, pinned, unproven_digests
from mldeploy.deploy.rollout import with_canary_options
from mldeploy.deploy.session import connect
from mldeploy.deploy.vouching import keep_at_hand
from mldeploy.render import Renderer

SourceArgument = Annotated[str, typer.Argument(metavar="FROM", help="Stage that runs the release.")]
DestinationArgument = Annotated[str, typer.Argument(metavar="TO", help="Stage to deploy it to.")]


@stages_command
@examples(
    ("Deploy to prod what dev runs", "mldeploy promote dev prod"),
    (
        "Give it a share of prod's traffic first",
        "mldeploy promote dev prod --canary 10% --for 10m --yes",
    ),
)
def promote(
    load: Callable[[str], Config],
    renderer: Renderer,
    outside: Outside,
    *,
    source: SourceArgument,
    destination: DestinationArgument,
    yes: YesOption = False,
    canary: CanaryOption = None,
    duration: ForOption = None,
    allow_breaking: AllowBreakingOption = False,
    digest: DigestOption = None,
) -> int:
    """Deploy to a stage exactly what another one runs: nothing is built, all is verified again."""
    running = load(source)
    settings = with_canary_options(load(destination), canary, duration)
    context = connect(settings, renderer.on_event, outside, starts=True, digests=digest or ())
    keep_at_hand(running, context)
    artifact = artifact_of_stage(running, settings, context)
    doubtful = unproven_digests(settings, artifact, context)
    return rolled_out(
        settings,
        artifact,
        pinned(artifact, context),
        renderer,
        yes=yes,
        breaking=allow_breaking,
        doubtful=doubtful,
    )

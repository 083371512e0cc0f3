"""`mldeploy deploy`."""

from pathlib import Path
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import (
    AllowBreakingOption,
    BuilderOption,
    CanaryOption,
    DigestOption,
    ForOption,
    YesOption,
    built_with,
)
from mldeploy.cli.rolling import rolled_out
from mldeploy.cli.shared import aws_command
from mldeploy.config import Config
from mldeploy.deploy.artifact import artifact_of_bundles
from mldeploy.deploy.findings import require
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.reviewed import load_plan, reviewed_digests, stage_findings
from mldeploy.deploy.rollout import with_canary_options
from mldeploy.deploy.session import connect
from mldeploy.errors import MldeployError
from mldeploy.render import Renderer

PlanOption = Annotated[
    Path | None,
    typer.Option(
        "--plan",
        metavar="FILE",
        help="Apply the plan that `plan --out FILE` saved, if nothing has changed since.",
    ),
]


@aws_command
@examples(
    ("Show the plan, ask, and deploy to the stage dev", "mldeploy deploy"),
    ("Deploy to another stage without being asked, as in CI", "mldeploy deploy --stage prod --yes"),
    (
        "Send a tenth of the traffic to the new release for ten minutes first",
        "mldeploy deploy --canary 10% --for 10m",
    ),
)
def deploy(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    yes: YesOption = False,
    plan: PlanOption = None,
    canary: CanaryOption = None,
    duration: ForOption = None,
    allow_breaking: AllowBreakingOption = False,
    digest: DigestOption = None,
    builder: BuilderOption = None,
) -> int:
    """Make AWS match mldeploy.toml: a new release is verified before it gets requests."""
    settings = built_with(settings, builder)
    reviewed = load_plan(plan) if plan else None
    if reviewed:
        require(stage_findings(reviewed, settings))
        if canary or duration:
            raise MldeployError(
                "MLD110",
                "--plan and --canary can't be used together: a plan has its own canary",
                "set `canary` under [deploy] before you make the plan",
            )
    settings = with_canary_options(settings, canary, duration)
    artifact = artifact_of_bundles(settings)
    digests = [*(digest or ()), *(reviewed_digests(reviewed) if reviewed else ())]
    context = connect(settings, renderer.on_event, outside, starts=True, digests=digests)
    return rolled_out(
        settings, artifact, context, renderer, yes=yes, breaking=allow_breaking, reviewed=reviewed
    )

"""`mldeploy plan`."""

from pathlib import Path
from typing import Annotated

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.options import DigestOption, ExitCodeOption
from mldeploy.cli.rolling import show
from mldeploy.cli.shared import plan_command
from mldeploy.config import Config
from mldeploy.deploy.artifact import artifact_of_bundles
from mldeploy.deploy.findings import require
from mldeploy.deploy.outside import Outside
from mldeploy.deploy.reviewed import save_plan
from mldeploy.deploy.rollout import prepare, rollout_findings
from mldeploy.deploy.session import connect
from mldeploy.errors import ExitCode
from mldeploy.monitoring.results import ShownPlan
from mldeploy.render import Renderer
from mldeploy.render.words import Words

OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Save the plan for `deploy --plan FILE`."),
]


@plan_command
@examples(
    ("Show what a deploy would change", "mldeploy plan"),
    (
        "Save the plan for review; `deploy --plan FILE` applies exactly it",
        "mldeploy plan --out plan.json",
    ),
    ("Write it as a comment for a pull request", "mldeploy plan --stage prod -o markdown"),
)
def plan(
    settings: Config,
    renderer: Renderer,
    outside: Outside,
    *,
    exit_code: ExitCodeOption = False,
    out: OutOption = None,
    digest: DigestOption = None,
) -> int:
    """Show what a deploy would change, and change nothing."""
    artifact = artifact_of_bundles(settings)
    context = connect(settings, renderer.on_event, outside, starts=True, digests=digest or ())
    rollout = prepare(settings, artifact, context)
    require(rollout_findings(rollout, context.trust.named, breaking=True))

    show(rollout, renderer)
    if out is not None:
        save_plan(out, settings, artifact, rollout, context.now())
        renderer.say(f"Saved the plan: `mldeploy deploy --plan {out}` carries out exactly this.")
    shown = ShownPlan(rollout.proposal, str(out) if out else None)
    renderer.result(shown, Words())
    return ExitCode.CHANGES_PENDING if exit_code and rollout else ExitCode.OK

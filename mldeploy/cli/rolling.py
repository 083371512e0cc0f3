"""The steps shared by `deploy` and `promote`: show, confirm and apply the plan."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mldeploy.cli.agreement import agreed, require_person
from mldeploy.config import Config
from mldeploy.deploy.findings import require
from mldeploy.deploy.reviewed import moved_findings
from mldeploy.deploy.rollout import Rollout, prepare, roll_out, rollout_findings
from mldeploy.errors import ExitCode
from mldeploy.files.remembered import Place, remember
from mldeploy.render import Renderer
from mldeploy.render.deployed import deployed_words
from mldeploy.resources.artifact import Artifact
from mldeploy.resources.base import Context


def rolled_out(
    settings: Config,
    artifact: Artifact,
    context: Context,
    renderer: Renderer,
    *,
    yes: bool,
    breaking: bool,
    reviewed: Mapping[str, Any] | None = None,
    doubtful: Sequence[str] = (),
) -> int:
    """Deploy an artifact to a stage, and show the result.

    A `reviewed` plan counts as confirmed, and only that one is applied. `doubtful` images require a
    prompt that shows their digests.
    """
    rollout = prepare(settings, artifact, context)

    show(rollout, renderer)
    if reviewed:
        require(moved_findings(reviewed, settings, artifact, rollout))
    require(rollout_findings(rollout, context.trust.named, breaking=breaking))
    question, yes = "Apply this plan to", yes or bool(reviewed)
    if rollout.plan and doubtful:
        require_person(settings, rollout.where, renderer, doubtful, yes=yes)
    if rollout.plan and not agreed(settings, rollout.where, renderer, question, yes=yes):
        return ExitCode.FAILURE
    made = roll_out(settings, artifact, rollout, context)
    live = {one.release: f"version {one.version}" for one in made.outputs.functions if one.release}
    remember(Place(settings.name, settings.stage, settings.target), live, added=True)
    renderer.result(replace(made, seconds=renderer.phases), deployed_words(made))
    return ExitCode.OK


def show(rollout: Rollout, renderer: Renderer) -> None:
    """Show a rollout's place, its changes, and their consequences."""
    proposal = rollout.proposal
    renderer.show_plan(proposal.planned, proposal.meaning)

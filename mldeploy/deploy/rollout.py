"""The steps that `deploy` and `promote` share: the plan, the shift, and the cleanup."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from mldeploy.config import Config
from mldeploy.deploy.canary import Verdict, finish_canary, in_progress, with_canary
from mldeploy.deploy.cleaning import retention
from mldeploy.deploy.compare import Comparison, compare
from mldeploy.deploy.consequences import breaking_findings, consequences
from mldeploy.deploy.findings import Findings, require
from mldeploy.deploy.home_region import home_findings
from mldeploy.deploy.prune import prune
from mldeploy.deploy.shared_role import live_versions, role_findings
from mldeploy.deploy.shift import carry_out
from mldeploy.deploy.vouching import digest_findings, keep_golden
from mldeploy.errors import MldeployError
from mldeploy.monitoring.outputs import carried_out, outputs
from mldeploy.monitoring.results import Deployed, Planned, Proposal, Pruned
from mldeploy.monitoring.where import Where, account_alias, where_of
from mldeploy.plan.apply import apply
from mldeploy.plan.consequences import Consequences
from mldeploy.plan.diff import Plan
from mldeploy.resources.alias import Alias
from mldeploy.resources.artifact import Artifact
from mldeploy.resources.base import Context
from mldeploy.resources.image import Image
from mldeploy.resources.provisioned import ProvisionedConcurrency


@dataclass(frozen=True)
class Rollout:
    """A deploy that is about to start.

    Attributes:
        found: the desired and the observed resources.
        plan: the changes, with canaries if requested.
        meaning: the plan's consequences.
        unfinished: whether a canary of an earlier run is to be decided.
        where: the stage's account, region and names.
    """

    found: Comparison
    plan: Plan
    meaning: Consequences
    unfinished: bool
    where: Where

    def __bool__(self) -> bool:
        return bool(self.plan) or self.unfinished

    @property
    def tries(self) -> bool:
        """Whether a canary is to be decided: of an earlier run, or one that this deploy begins."""
        begun = (isinstance(one.after, Alias) and one.after.canary for one in self.plan.changes)
        return self.unfinished or any(begun)

    @property
    def proposal(self) -> Proposal:
        """The plan and its consequences, as they are printed."""
        planned = Planned.of(self.plan, self.where, public=self.found.public)
        return Proposal(planned, self.meaning)


def prepare(config: Config, artifact: Artifact, context: Context) -> Rollout:
    """Read AWS and return the rollout; changes nothing.

    Raises:
        MldeployError: MLD132 if the stage is in another region, MLD410 if a resource isn't managed
            by
            this project, MLD426 if a canary's versions can't share a role, MLD462 if another
            canary is in progress.
    """
    with context.clients.workers(1) as pool:
        pool.submit(account_alias, context)
        found = compare(config, artifact, context.reads)
    require(home_findings(config, found.observed, context), context.emit)
    plan = with_canary(
        found.plan, config.deploy.canary, config.deploy.canary_seconds, context.now()
    )
    require(role_findings(found.desired, plan, live_versions(plan, context)))
    meaning = consequences(config, artifact, plan, found.observed, context)
    where = where_of(config, found.observed, context)
    return Rollout(found, plan, meaning, bool(in_progress(found.observed)), where)


def rollout_findings(rollout: Rollout, named: Iterable[str], *, breaking: bool) -> Findings:
    """Return findings against a rollout; `deploy` and `plan` stop at the first error.

    Args:
        rollout: to check.
        named: digests of images that the caller vouches for.
        breaking: whether to allow a model that breaks clients; a plan shows what breaks.
    """
    found = rollout.found
    return (
        *digest_findings(found.desired, found.observed, named),
        *breaking_findings(rollout.meaning, allowed=breaking),
    )


def roll_out(config: Config, artifact: Artifact, rollout: Rollout, context: Context) -> Deployed:
    """Apply a rollout, including its canaries, and return the resources afterwards.

    Raises:
        MldeployError: of `carry_out`; MLD506 or MLD520 if a canary was rolled back.
    """
    looks: list[list[Verdict]] = []
    pruned = Pruned()
    observed = rollout.found.observed
    if rollout:
        keep_golden(config, artifact, rollout.found.desired, context)
        carry_out(config, rollout.plan, context)
        looks = finish_canary(config, context) if rollout.tries else []
        if looks:
            # AWS rejects changes of provisioned concurrency while an alias has a canary.
            late = compare(config, artifact, context.reads.again())
            apply(late.plan.of_kinds(ProvisionedConcurrency.kind), context)
            observed = late.observed
        else:
            observed = carried_out(config, rollout.found.desired, context.reads)
        pruned = prune(config, context)
        if rollout.plan.of_kinds(Image.kind):
            context.builder.tidy(retention(config), context.emit)
    told = tuple(tuple(one.told for one in verdicts) for verdicts in looks)
    return Deployed(
        outputs(config, observed, context.reads),
        rollout.proposal,
        canary=told[-1] if told else (),
        canary_looks=told,
        pruned=pruned,
    )


def with_canary_options(config: Config, share: str | None, duration: str | None) -> Config:
    """Return the configuration with the values of `--canary` and `--for`.

    Raises:
        MldeployError: MLD113.
    """
    from mldeploy.config.limits import seconds_of, share_of

    deploy, option = config.deploy, "--canary"
    try:
        if share is not None:
            deploy = replace(deploy, canary=share_of(share))
        option = "--for"
        if duration is not None:
            deploy = replace(deploy, canary_seconds=seconds_of(duration))
    except ValueError as error:
        hint = "use for example --canary 10% --for 10m"
        raise MldeployError("MLD113", f"{option} {error}", hint) from error
    return replace(config, deploy=deploy)

"""Canaries: send a share of traffic to a new release, watch its metrics, and decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mldeploy.config import Config, DeployConfig
from mldeploy.config.batch import is_batch
from mldeploy.deploy.shift import carry_out
from mldeploy.errors import MldeployError
from mldeploy.events import Finished, Note, Started, Waiting
from mldeploy.monitoring.evidence import (
    Decision,
    Look,
    Minute,
    decide,
    evidence_of_errors,
    evidence_of_latency,
    total,
)
from mldeploy.monitoring.metrics import Version, look, slow_limit
from mldeploy.monitoring.results import CanaryVerdict, Evidence
from mldeploy.plan.diff import Change, Plan
from mldeploy.plan.observe import observe
from mldeploy.resources.alias import Alias, Canary
from mldeploy.resources.base import Context, Key, Resource
from mldeploy.resources.lambda_state import version_of_release

_EVERY = 15.0
LATE_SECONDS = 180.0
"""CloudWatch's metrics arrive minutes late."""


@dataclass(frozen=True)
class Verdict:
    """The decision for a function, and the metrics that it is based on."""

    function: str
    decision: Decision
    look: Look
    seconds: float = 0.0

    @property
    def sentence(self) -> str:
        """The metrics of both versions, and the conclusion."""
        new, old = _said(self.look.new, self.look), _said(self.look.old, self.look)
        said = self.decision.because or "no worse than the old one"
        return f"{self.function}: new {new}; old {old}: {self.decision.outcome}, {said}"

    @property
    def told(self) -> CanaryVerdict:
        """The verdict as part of a deploy's result."""
        look = self.look
        return CanaryVerdict(
            function=self.function,
            outcome=self.decision.outcome,
            because=self.decision.because,
            figures=self.sentence,
            seconds=round(self.seconds),
            slow_from_ms=look.limit,
            new=total(look.new),
            old=total(look.old),
            evidence=Evidence(
                errors=float(f"{evidence_of_errors(look):.3g}"),
                latency=float(f"{evidence_of_latency(look):.3g}"),
            ),
        )


def _said(minutes: Sequence[Minute], look: Look) -> str:
    whole = total(minutes)
    slow = "" if look.limit is None else f", {whole.slow} over {look.limit:.0f} ms"
    return f"{whole.requests} requests, {whole.failed} failed{slow}"


def with_canary(plan: Plan, share: float, seconds: int, now: datetime) -> Plan:
    """Return a plan that sends only a share of traffic to new releases first.

    A canary in progress isn't changed until it is decided.

    Args:
        plan: of a deploy.
        share: of traffic, 0 to 1; 0 for no canary.
        seconds: how long the canary is watched.
        now: when it starts.

    Raises:
        MldeployError: MLD462 if another canary is in progress.
    """
    started, changes = now.strftime("%Y-%m-%dT%H:%M:%SZ"), []
    share = share if _measurable(plan) else 0.0
    for change in plan.changes:
        before, after = change.before, change.after
        if not isinstance(before, Alias) or not isinstance(after, Alias):
            changes.append(change)
        elif before.canary:
            _require_same(before, before.canary, after)
        elif share and before.release != after.release:
            canary = Canary(after.release, share, started, seconds)
            tried = replace(after, release=before.release, canary=canary)
            changes.append(Change("update", before, tried))
        else:
            changes.append(change)
    return Plan(tuple(changes))


def _measurable(plan: Plan) -> bool:
    """Return whether a function that gets requests gets another release; jobs tell nothing."""
    return any(
        isinstance(one.before, Alias)
        and isinstance(one.after, Alias)
        and one.before.release != one.after.release
        and not is_batch(one.after.function)
        for one in plan.changes
    )


def _require_same(before: Alias, canary: Canary, after: Alias) -> None:
    if canary.release != after.release:
        raise MldeployError(
            "MLD462",
            f"a canary is in progress: {before.name} sends release {canary.release} "
            f"{canary.share:.0%} of the traffic since {canary.started}, and this deploy is of "
            f"release {after.release}",
            "end the canary, then deploy: `mldeploy rollback` rolls it back, `mldeploy rollback "
            f"{canary.release}` promotes it",
        )


def finish_canary(config: Config, context: Context) -> list[list[Verdict]]:
    """Watch the stage's canaries, then send all traffic to the new releases, or none.

    Returns:
        The verdicts of each check; the last ones are the decision.

    Raises:
        MldeployError: MLD506 or MLD520 if it is none; the aliases are then as before the canary.
    """
    wanted = [Alias(config.function_name(one.name)) for one in config.functions]
    aliases = in_progress(observe(wanted, context.reads))
    if not aliases:
        return []
    # The aliases may have been changed elsewhere while the canary was watched.
    with context.clients.observation.outdates():
        measured = [one for one in aliases if not is_batch(one.function)]
        looks = watch(measured or aliases, config.deploy, context)
    good = promotes(looks[-1], config.deploy)
    carry_out(config, conclusion(aliases, good=good), context, returns=good)
    if not good:
        raise taken_back(looks[-1])
    return looks


def promotes(verdicts: Sequence[Verdict], settings: DeployConfig) -> bool:
    """Return whether the new releases get all traffic; `settings` decide on inconclusive ones."""
    outcomes = {one.decision.outcome for one in verdicts}
    return "worse" not in outcomes and (
        "inconclusive" not in outcomes or settings.canary_inconclusive == "promote"
    )


def in_progress(observed: Mapping[Key, Resource]) -> list[Alias]:
    """Return the aliases with a canary."""
    return [one for one in observed.values() if isinstance(one, Alias) and one.canary]


def watch(
    aliases: Sequence[Alias], settings: DeployConfig, context: Context
) -> list[list[Verdict]]:
    """Watch canaries until their time is over, or until one is shown to be worse.

    A good canary isn't ended early, because some faults appear late. An inconclusive one waits
    for CloudWatch at the end, whose metrics arrive minutes late.
    """
    started = context.now()
    remaining = max(remaining_seconds(alias, started) for alias in aliases)
    step = f"watch the canary of {', '.join(alias.function for alias in aliases)}"
    context.emit(Started(step))
    looks, waited = [], 0.0
    trials = [_trial(alias, settings, context) for alias in aliases]
    for waited in context.clients.polls(remaining + LATE_SECONDS, every=_EVERY):
        now = started + timedelta(seconds=waited)
        looks.append([_verdict(one, now, settings, context) for one in trials])
        if is_decided(looks[-1], over=waited >= remaining):
            break
        context.emit(Waiting(step, "; ".join(one.sentence for one in looks[-1]), waited))
    context.emit(Finished(step, waited))
    for one in looks[-1]:
        context.emit(Note(f"canary of {one.sentence}"))
    return looks


def is_decided(verdicts: Sequence[Verdict], *, over: bool) -> bool:
    """Return whether to stop watching: a release is worse, or the time is over and all are good.

    Args:
        verdicts: of one check.
        over: whether the canaries' time is over.
    """
    outcomes = {one.decision.outcome for one in verdicts}
    return "worse" in outcomes or (over and outcomes == {"good"})


def remaining_seconds(alias: Alias, now: datetime) -> float:
    """Return the seconds left to watch an alias's canary."""
    canary = alias.canary
    if canary is None:
        return 0.0
    end = _time(canary.started, now) + timedelta(seconds=canary.seconds)
    return max(0.0, (end - now).total_seconds())


def _time(text: str, now: datetime) -> datetime:
    """Return when a canary started, or `now` if the description was changed manually."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return now


@dataclass(frozen=True)
class _Trial:
    """A canary: both versions, its start, and the limit for slow requests."""

    function: str
    old: Version
    new: Version
    since: datetime
    limit: float | None


def _trial(alias: Alias, settings: DeployConfig, context: Context) -> _Trial:
    canary = alias.canary or Canary("", 0.0)
    since = _time(canary.started, context.now())
    number = version_of_release(alias.function, canary.release, context.reads)
    return _Trial(
        alias.function,
        Version(alias.version, alias.release),
        Version(number, canary.release),
        since,
        slow_limit(alias.function, since, settings.canary_requests, context),
    )


def _verdict(trial: _Trial, now: datetime, settings: DeployConfig, context: Context) -> Verdict:
    span = (trial.since, now)
    found = look(trial.function, (trial.old, trial.new), span, trial.limit, context)
    decision = decide(found, settings.canary_requests)
    return Verdict(trial.function, decision, found, (now - trial.since).total_seconds())


def conclusion(aliases: Sequence[Alias], *, good: bool) -> Plan:
    """Return the plan that ends canaries: all traffic to the new releases, or none."""
    changes = []
    for alias in aliases:
        release = alias.canary.release if alias.canary and good else alias.release
        changes.append(Change("update", alias, Alias(alias.function, release)))
    return Plan(tuple(changes))


def taken_back(verdicts: Sequence[Verdict]) -> MldeployError:
    """Return the error for new releases that failed; they no longer receive traffic."""
    details = tuple(("figures", one.sentence) for one in verdicts)
    worse = [one for one in verdicts if one.decision.outcome == "worse"]
    if worse:
        return MldeployError(
            "MLD506",
            f"the canary was rolled back: {worse[0].function}: {worse[0].decision.because}",
            "fix the model and deploy again",
            details=details,
        )
    doubtful = next(one for one in verdicts if one.decision.outcome == "inconclusive")
    return MldeployError(
        "MLD520",
        f"the canary was inconclusive and rolled back: {doubtful.function}: "
        f"{doubtful.decision.because}",
        "use more traffic (--canary 50%) or time (--for 2h); [deploy] canary_requests sets how "
        'many requests are needed, canary_inconclusive = "promote" promotes in this case, and '
        "--canary 0% deploys without a canary",
        details=details,
    )

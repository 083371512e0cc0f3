"""A new release on a share of the requests: begin it, watch it, decide on figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mldeploy.cloudwatch import Figures, figures
from mldeploy.config import Config
from mldeploy.errors import MldeployError
from mldeploy.events import Finished, Note, Started, Waiting
from mldeploy.plan import Change, Plan, observe
from mldeploy.resources.alias import Alias, Canary
from mldeploy.resources.base import Context, Key, Resource
from mldeploy.resources.lambda_state import version_of_release
from mldeploy.shift import carry_out

MORE_ERRORS = 0.01
"""The share of failed requests may be this much above the old release's."""
SLOWER, SLACK_MS = 1.5, 20.0
"""The p95 latency may be this many times the old release's, plus this many milliseconds."""
_PLAINLY_BAD = 5
"""Failed requests after which a canary isn't watched to its end."""
_EVERY = 15.0
LATE_SECONDS = 180.0
"""CloudWatch's figures of the last minutes come late."""


@dataclass(frozen=True)
class Verdict:
    """What was decided for a function, and on what figures."""

    function: str
    problem: str
    old: Figures
    new: Figures

    @property
    def sentence(self) -> str:
        """The figures of both versions."""
        return f"{self.function}: new {self.new}; old {self.old}" + (
            f": {self.problem}" if self.problem else ""
        )


def with_canary(plan: Plan, share: float, seconds: int) -> Plan:
    """Give new releases a share of the requests first, for so many seconds.

    What a canary already tries out stays as it is until it is decided.

    Args:
        plan: of a deploy.
        share: of the requests, 0 to 1; 0 for none.
        seconds: how long it is watched.

    Raises:
        MldeployError: MLD462 where another canary is in progress.
    """
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    changes = []
    for change in plan.changes:
        before, after = change.before, change.after
        if not isinstance(before, Alias) or not isinstance(after, Alias):
            changes.append(change)
        elif before.canary:
            _require_same(before, before.canary, after)
        elif share and before.release != after.release:
            canary = Canary(after.release, share, now, seconds)
            tried = replace(after, release=before.release, canary=canary)
            changes.append(Change("update", before, tried))
        else:
            changes.append(change)
    return Plan(tuple(changes))


def _require_same(before: Alias, canary: Canary, after: Alias) -> None:
    if canary.release != after.release:
        raise MldeployError(
            "MLD462",
            f"a canary is in progress: {before.name} gives release {canary.release} "
            f"{canary.share:.0%} of the requests since {canary.started}, and this deploy is of "
            f"release {after.release}",
            f"`mldeploy rollback` undoes the canary, `mldeploy rollback {canary.release}` gives "
            "it all requests; then deploy",
        )


def finish_canary(config: Config, context: Context) -> list[Verdict]:
    """Watch what canaries the stage has, and give the new releases all requests or none.

    Raises:
        MldeployError: MLD506 where it is none; the aliases then are as before the canary.
    """
    wanted = [Alias(config.function_name(one.name)) for one in config.functions]
    aliases = in_progress(observe(wanted, context))
    if not aliases:
        return []
    verdicts = watch(aliases, context)
    good = not any(one.problem for one in verdicts)
    context.clients.forget()
    carry_out(config, conclusion(aliases, good=good), context, returns=good)
    require_good(verdicts)
    return verdicts


def in_progress(observed: Mapping[Key, Resource]) -> list[Alias]:
    """Return the aliases with a canary."""
    return [one for one in observed.values() if isinstance(one, Alias) and one.canary]


def described(alias: Alias) -> str:
    """Say what a canary is doing, for people."""
    canary = alias.canary
    if canary is None:
        return ""
    return (
        f"canary of {alias.function}: release {canary.release} gets {canary.share:.0%} of the "
        f"requests since {canary.started}, for {canary.seconds} s; `mldeploy deploy` finishes it, "
        "`mldeploy rollback` undoes it"
    )


def watch(aliases: Sequence[Alias], context: Context) -> list[Verdict]:
    """Watch canaries until their time is over, or until one is plainly bad.

    Without figures at the end it waits for CloudWatch, which is late by minutes.
    """
    remaining = max(_remaining(alias) for alias in aliases)
    step = f"watch the canary of {', '.join(alias.function for alias in aliases)}"
    context.emit(Started(step))
    verdicts: list[Verdict] = []
    waited = 0.0
    for waited in context.clients.polls(remaining + LATE_SECONDS, every=_EVERY):
        verdicts = [_verdict(alias, context) for alias in aliases]
        told = all(one.new.requests for one in verdicts)
        bad = any(one.problem and one.new.errors >= _PLAINLY_BAD for one in verdicts)
        if bad or (waited >= remaining and told):
            break
        context.emit(Waiting(step, "; ".join(one.sentence for one in verdicts), waited))
    context.emit(Finished(step, waited))
    for one in verdicts:
        context.emit(Note(f"canary of {one.sentence}"))
    return verdicts


def _remaining(alias: Alias) -> float:
    canary = alias.canary
    if canary is None:
        return 0.0
    end = _time(canary.started) + timedelta(seconds=canary.seconds)
    return max(0.0, (end - datetime.now(UTC)).total_seconds())


def _time(text: str) -> datetime:
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:  # somebody wrote into the description
        return datetime.now(UTC)


def _verdict(alias: Alias, context: Context) -> Verdict:
    canary = alias.canary or Canary("", 0.0)
    since = _time(canary.started)
    number = version_of_release(alias.function, canary.release, context)
    old = figures(alias.function, alias.version, alias.release, since, context)
    new = figures(alias.function, number, canary.release, since, context)
    return Verdict(alias.function, judge(old, new), old, new)


def judge(old: Figures, new: Figures) -> str:
    """Say what speaks against the new release, or ""."""
    if not new.requests:
        return "no request reached it, so there is nothing to judge by"
    if new.error_rate > old.error_rate + MORE_ERRORS:
        return f"{new.error_rate:.1%} of its requests failed, {old.error_rate:.1%} of the old one's"
    if new.p95 is not None and old.p95 is not None and new.p95 > old.p95 * SLOWER + SLACK_MS:
        return f"its p95 is {new.p95:.0f} ms, the old one's {old.p95:.0f} ms"
    return ""


def conclusion(aliases: Sequence[Alias], *, good: bool) -> Plan:
    """Return the plan that ends canaries: all requests to the new releases, or none of them."""
    changes = []
    for alias in aliases:
        release = alias.canary.release if alias.canary and good else alias.release
        changes.append(Change("update", alias, Alias(alias.function, release)))
    return Plan(tuple(changes))


def require_good(verdicts: Sequence[Verdict]) -> None:
    """Raise what was decided against the new releases; they have no requests any more.

    Raises:
        MldeployError: MLD506.
    """
    bad = [one for one in verdicts if one.problem]
    if bad:
        raise MldeployError(
            "MLD506",
            f"the canary was taken back: {bad[0].function}: {bad[0].problem}",
            "mend the model and deploy again; without traffic, deploy with --canary 0%",
            details=tuple(("figures", one.sentence) for one in verdicts),
        )

"""Decides on a canary's metrics by a sequential test.

Some of a minute's failed (or slow) requests went to the new release. If it is no worse than the old
one, their number is proportional to its share of that minute's requests: a hypergeometric
distribution, whatever the failure rate. The evidence is the likelihood ratio of higher odds for the
new release against that, multiplied over the minutes and averaged over several odds ratios.

If the new release is no worse, this product is a supermartingale that starts at 1. The probability
that it ever reaches X is at most 1/X, however often it is checked (Ville's inequality; Grünwald,
de Heide, Koolen, "Safe Testing", 2024; for two shares Turner, Ly, Grünwald, "Generic E-variables
for exact sequential k-sample tests", 2024). Releases are compared within the same minute, so a
failure of a shared dependency isn't evidence against either.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mldeploy.facts.thresholds import DOUBT, PROOF, SLOW_SHARE

_ODDS = (2.0, 4.0, 8.0, 16.0, 64.0)
"""Alternative odds ratios, equally weighted."""

Outcome = Literal["worse", "good", "inconclusive"]


@dataclass(frozen=True)
class Minute:
    """A version's requests in a minute.

    Attributes:
        requests: number of requests.
        failed: number with an error.
        slow: number that took longer than the limit.
    """

    requests: int = 0
    failed: int = 0
    slow: int = 0


@dataclass(frozen=True)
class Look:
    """The metrics of both versions for the same minutes.

    Attributes:
        old: of the version that was live before.
        new: of the canary's version.
        limit: milliseconds above which a request is slow; None without earlier metrics.
    """

    old: tuple[Minute, ...] = ()
    new: tuple[Minute, ...] = ()
    limit: float | None = None


@dataclass(frozen=True)
class Decision:
    """The decision. `because`: the reason; "" for a good release."""

    outcome: Outcome
    because: str = ""


def decide(look: Look, least: int) -> Decision:
    """Return the decision on metrics.

    Args:
        look: both versions' minutes.
        least: minimum requests per version for the outcome "good".
    """
    if found := _against(look, PROOF):
        return Decision("worse", found)
    new, old = total(look.new), total(look.old)
    if min(new.requests, old.requests) < least:
        return Decision("inconclusive", _too_few(new.requests, old.requests, least))
    if look.limit is None:
        return Decision("inconclusive", _UNKNOWN.format(least=least))
    if found := _against(look, DOUBT):
        return Decision("inconclusive", f"{found}; this is suspicious, but not proof")
    return Decision("good")


_UNKNOWN = (
    "fewer than {least} requests were received in the day before, so there is no latency to "
    "compare with"
)


def _against(look: Look, enough: float) -> str:
    """Return the reason against the new release if there is enough evidence, or ""."""
    new, old = total(look.new), total(look.old)
    if evidence_of_errors(look) >= enough:
        return f"{_of(new.failed, new)} failed, of the old release {_of(old.failed, old)}"
    if evidence_of_latency(look) >= enough and share(new.slow, new) > SLOW_SHARE:
        return (
            f"{_of(new.slow, new)} took longer than {look.limit:.0f} ms, "
            f"of the old release {_of(old.slow, old)}"
        )
    return ""


def evidence_of_errors(look: Look) -> float:
    """Return the evidence that the new release fails more often; 1 for none."""
    return evidence(
        [(one.failed, one.requests) for one in look.new],
        [(one.failed, one.requests) for one in look.old],
    )


def evidence_of_latency(look: Look) -> float:
    """Return the evidence that the new release is slow more often; 1 for none."""
    return evidence(
        [(one.slow, one.requests) for one in look.new],
        [(one.slow, one.requests) for one in look.old],
    )


def evidence(new: Sequence[tuple[int, int]], old: Sequence[tuple[int, int]]) -> float:
    """Return the evidence that the new version's odds are higher.

    Args:
        new: (hits, requests) of each minute.
        old: the same minutes of the old version.
    """
    logs = [0.0] * len(_ODDS)
    for (mine, requests), (theirs, others) in zip(new, old, strict=True):
        minute = _log_ratios(mine, requests, mine + theirs, requests + others)
        logs = [known + added for known, added in zip(logs, minute, strict=True)]
    top = max(logs)
    mean = sum(math.exp(one - top) for one in logs) / len(logs)
    # exp overflows at 710; this much evidence is enough.
    return math.exp(min(top + math.log(mean), 700.0))


@lru_cache(maxsize=10_000)
def _log_ratios(mine: int, requests: int, hits: int, everybody: int) -> tuple[float, ...]:
    """Return one minute's log likelihood ratio for each odds ratio.

    The ratio is odds ** mine over the mean of odds ** hits-of-the-new under the hypergeometric
    distribution (Fisher's noncentral distribution against the central one).
    """
    if not hits or not requests or requests == everybody:
        return (0.0,) * len(_ODDS)
    possible = range(max(0, hits - (everybody - requests)), min(hits, requests) + 1)
    chances = [
        _log_choose(requests, one) + _log_choose(everybody - requests, hits - one)
        for one in possible
    ]
    whole = _log_sum(chances)
    return tuple(
        mine * math.log(odds)
        - _log_sum([c + n * math.log(odds) for c, n in zip(chances, possible, strict=True)])
        + whole
        for odds in _ODDS
    )


def _log_choose(many: int, few: int) -> float:
    return math.lgamma(many + 1) - math.lgamma(few + 1) - math.lgamma(many - few + 1)


def _log_sum(logs: Sequence[float]) -> float:
    top = max(logs)
    return top + math.log(sum(math.exp(one - top) for one in logs))


def total(minutes: Sequence[Minute]) -> Minute:
    """Return the sum of minutes."""
    return Minute(
        sum(one.requests for one in minutes),
        sum(one.failed for one in minutes),
        sum(one.slow for one in minutes),
    )


def share(hits: int, whole: Minute) -> float:
    """Return the share of requests; 0 without requests."""
    return hits / whole.requests if whole.requests else 0.0


def _of(hits: int, whole: Minute) -> str:
    return f"{hits} of {whole.requests} requests ({share(hits, whole):.1%})"


def _too_few(new: int, old: int, least: int) -> str:
    return (
        f"the new release got {new} requests and the old one {old}; a decision needs {least} of "
        "each"
    )

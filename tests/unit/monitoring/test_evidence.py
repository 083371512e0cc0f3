"""How a canary is decided: the sequential test's error rates, and the decision as a table."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import nchypergeom_fisher

from mldeploy.facts.thresholds import DOUBT, PROOF
from mldeploy.monitoring.evidence import Look, Minute, decide, evidence

ODDS = (2.0, 4.0, 8.0, 16.0, 64.0)


def expected(new: list[tuple[int, int]], old: list[tuple[int, int]]) -> float:
    """Return the evidence by scipy: Fisher's noncentral hypergeometric distribution."""
    ratios = []
    for odds in ODDS:
        ratio = 1.0
        for (mine, requests), (theirs, others) in zip(new, old, strict=True):
            whole, hits = requests + others, mine + theirs
            ratio *= nchypergeom_fisher.pmf(mine, whole, hits, requests, odds)
            ratio /= nchypergeom_fisher.pmf(mine, whole, hits, requests, 1.0)
        ratios.append(ratio)
    return float(np.mean(ratios))


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ([(3, 10)], [(0, 90)]),
        ([(0, 10)], [(3, 90)]),
        ([(10, 10)], [(1, 5)]),
        ([(1, 40), (2, 50), (0, 7)], [(5, 300), (0, 290), (9, 80)]),
    ],
)
def test_the_evidence_is_scipys(new: list[tuple[int, int]], old: list[tuple[int, int]]) -> None:
    """The likelihood ratios of scipy's own distribution, multiplied and averaged."""
    assert evidence(new, old) == pytest.approx(expected(new, old), rel=1e-6)


@pytest.mark.parametrize("odds", [0.3, 1.0])
@pytest.mark.parametrize(("requests", "others", "hits"), [(10, 90, 7), (50, 50, 20), (1, 999, 40)])
def test_a_minute_adds_no_evidence_on_average(
    odds: float, requests: int, others: int, hits: int
) -> None:
    """The mean over all that chance may do is 1 for an equal release, less for a better one."""
    possible = range(max(0, hits - others), min(hits, requests) + 1)
    mean = sum(
        float(nchypergeom_fisher.pmf(mine, requests + others, hits, requests, odds))
        * evidence([(mine, requests)], [(hits - mine, others)])
        for mine in possible
    )
    assert mean == pytest.approx(1.0, rel=1e-6) if odds == 1 else mean < 1


def test_what_says_nothing_is_no_evidence() -> None:
    """No minutes, no failures, or no requests of one of the two; much of it is a number."""
    assert evidence([], []) == 1
    assert evidence([(0, 10), (0, 0), (5, 5)], [(0, 90), (9, 90), (0, 0)]) == 1
    assert math.isfinite(evidence([(900, 1000)] * 50, [(0, 9000)] * 50))


def trials(seed: int, new: float, old: float, minutes: int, rate: float) -> list[tuple[float, ...]]:
    """Return the evidence after each minute of 400 canaries that get 10% of the requests."""
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(400):
        mine: list[tuple[int, int]] = []
        theirs: list[tuple[int, int]] = []
        looks = []
        # What both use is out of order now and then: ten times as many fail for a minute.
        for outage in chance.random(minutes) < 0.1:
            times = 10 if outage else 1
            for known, part, share in ((mine, new, 0.1), (theirs, old, 0.9)):
                requests = int(chance.poisson(rate * share))
                known.append((int(chance.binomial(requests, min(1.0, part * times))), requests))
            looks.append(evidence(mine, theirs))
        found.append(tuple(looks))
    return found


@pytest.mark.parametrize(("failing", "seed"), [(0.001, 1), (0.02, 2), (0.1, 3)])
def test_a_release_that_is_no_worse_is_seldom_taken_back(failing: float, seed: int) -> None:
    """Looked at every minute for half an hour: at most 1/200 reach the proof, 1/20 the doubt.

    2/400 and 20/400 are the bounds' expectations; the margins are three standard deviations.
    """
    looks = trials(seed, failing, failing, 30, 100)
    assert sum(max(one) >= PROOF for one in looks) <= 2 + 3 * math.sqrt(2)
    assert sum(one[-1] >= DOUBT for one in looks) <= 20 + 3 * math.sqrt(20)


@pytest.mark.parametrize(
    ("failing", "rate", "least"),
    # 50, 100 and 500 requests of the new release in ten minutes
    [(0.2, 50, 0.95), (0.1, 100, 0.95), (0.05, 100, 0.65), (0.02, 500, 0.9)],
)
def test_a_worse_release_is_found(failing: float, rate: float, least: float) -> None:
    """The power that docs/releases.md states, against an old release that fails 0.1%."""
    looks = trials(4, failing, 0.001, 10, rate)
    assert np.mean([max(one) >= PROOF for one in looks]) >= least


OLD, NEW = Minute(900, 1, 9), Minute(100, 0, 1)
LOOK = Look((OLD,) * 5, (NEW,) * 5, 95.0)


def with_new(**changes: int) -> Look:
    return replace(LOOK, new=(replace(NEW, **changes),) * 5)


@pytest.mark.parametrize(
    ("look", "outcome", "because"),
    [
        (LOOK, "good", ""),
        (with_new(failed=100), "worse", "500 of 500 requests (100.0%) failed"),
        (with_new(slow=30), "worse", "took longer than 95 ms"),
        # Five times as many slow ones, and yet its p95 is below the limit.
        (with_new(slow=5), "good", ""),
        (replace(LOOK, limit=None), "inconclusive", "no latency to compare with"),
        (replace(with_new(failed=50), limit=None), "worse", "failed"),
        (Look(), "inconclusive", "got 0 requests and the old one 0; a decision needs 50 of each"),
        (Look((Minute(900),), (Minute(49),), 95.0), "inconclusive", "got 49 requests"),
        (Look((Minute(49),), (Minute(900),), 95.0), "inconclusive", "the old one 49"),
        (Look((Minute(900),), (Minute(50),), 95.0), "good", ""),
        (Look((Minute(90),), (Minute(10, 10),), None), "worse", "10 of 10 requests"),
        (Look((Minute(900),), (Minute(100, 1),), 95.0), "good", ""),
        (
            Look((Minute(900),), (Minute(100, 2),), 95.0),
            "inconclusive",
            "suspicious, but not proof",
        ),
        (Look((Minute(900),), (Minute(100, 4),), 95.0), "worse", "4 of 100 requests (4.0%)"),
        # What both use was out of order.
        (Look((Minute(900, 800),), (Minute(100, 90),), 95.0), "good", ""),
        (Look((Minute(900), Minute(1, 1)), (Minute(100), Minute(99, 99)), 95.0), "good", ""),
    ],
)
def test_decisions(look: Look, outcome: str, because: str) -> None:
    """Worse only on proof, good only with enough requests and no doubt."""
    found = decide(look, 50)
    assert found.outcome == outcome
    assert because in found.because

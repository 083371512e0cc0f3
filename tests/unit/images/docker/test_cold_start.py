"""What a cold start's figures are made of, and what would help."""

from dataclasses import replace
from datetime import date

import pytest

from mldeploy.facts.prices import Capacity, PriceList, Prices, ceiling, options, price_list
from mldeploy.facts.quotas import MEMORY
from mldeploy.images.cold_start import ColdStart
from mldeploy.images.docker.cold_start import imports_by_package

OUTPUT = """\
import time: self [us] | cumulative | imported package
import time:      1000 |       1000 |   numpy.core
import time:     20000 |      21000 | numpy
import time:     90000 |     200000 | sklearn.base
import time:     10000 |      10000 |     sklearn.utils
import time:       100 |        100 | tiny
{"load": 1.0}
"""


def test_imports_are_summed_by_package() -> None:
    """Own times of a package's modules, the slowest first; what takes no time is left out."""
    assert imports_by_package(OUTPUT) == (("sklearn", 0.1), ("numpy", 0.021))


def test_the_median_of_the_runs_counts() -> None:
    """One slow container doesn't change it."""
    found = ColdStart((), 0.0, 0.0, 0.0, 0.0, (1.0, 9.0, 2.0))
    assert found.median == 2.0


X86 = Prices(
    gb_second=0.0002,
    million_requests=0.5,
    provisioned_gb_second=0.00003,
    provisioned_duration_gb_second=0.0001,
)
LISTED = PriceList("here", "no source", date(2020, 1, 1), 2.0, {"x86_64": X86})
"""Made up, so that new prices of AWS's change no test."""


def test_each_way_has_its_price() -> None:
    """By hand: 1 GB of provisioned concurrency for a month, pings, memory."""
    more, warm, provisioned = options(1024, X86, cold=2.0, warm=0.001)
    assert provisioned.price == pytest.approx(730 * 3600 * 0.00003)
    # 8,760 pings of a millisecond in a month
    assert warm.price == pytest.approx(8760 * (0.5e-6 + 0.001 * 0.0002))
    assert more.name == "memory = 2048"
    assert more.price == pytest.approx(0.001 * 0.0002 * 1e6)
    assert "2.0 s" in warm.effect


def test_arm_is_cheaper_and_the_largest_memory_can_not_grow() -> None:
    """Each architecture has prices of its own; there is nothing above Lambda's limit."""
    prices = price_list("us-east-1").functions
    x86, arm = (options(MEMORY[1], prices[name], 1.0, 0.1) for name in ("x86_64", "arm64"))
    assert [one.name for one in x86] == [one.name for one in arm]
    assert len(x86) == 2
    assert all(a.price < b.price for a, b in zip(arm, x86, strict=True))


def test_the_ceiling_is_what_an_attacker_could_spend() -> None:
    """By hand: 50 requests a second x 15 s x 1 GB, and $2.50 a million requests.

    A reserved concurrency bounds it, and what is always ready is paid for besides.
    """
    gb_second, hour = 0.0002, 3600
    requests = 50 * hour * 2.50 / 1e6
    plain = Capacity(1024, 15)
    assert costs(plain) == pytest.approx(750 * hour * gb_second + requests)
    assert costs(plain) == pytest.approx(540.45)
    bounded = costs(replace(plain, most=10))
    assert bounded == pytest.approx(10 * hour * gb_second + requests)
    assert costs(replace(plain, most=0)) == pytest.approx(requests)
    ready = costs(replace(plain, most=10, provisioned=2))
    assert ready - bounded == pytest.approx(2 * hour * 0.00003)


def costs(function: Capacity) -> float:
    return ceiling([function], "x86_64", 50, LISTED)

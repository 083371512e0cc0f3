"""What a cold start's figures are made of, and what would help."""

from dataclasses import replace

import pytest

from mldeploy.facts.prices import Capacity, ceiling, options, price_list
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


def test_each_way_has_its_price() -> None:
    """Computed from the table: 1 GB of provisioned concurrency for a month, pings, memory."""
    more, warm, provisioned = options(
        1024, price_list("us-east-1").functions["x86_64"], cold=2.0, warm=0.001
    )
    assert provisioned.price == pytest.approx(730 * 3600 * 0.0000041667)
    # 8,760 pings of a millisecond in a month
    assert warm.price == pytest.approx(8760 * (0.2e-6 + 0.001 * 0.0000166667))
    assert more.name == "memory = 2048"
    assert more.price == pytest.approx(0.001 * 0.0000166667 * 1e6)
    assert "2.0 s" in warm.effect


def test_arm_is_cheaper_and_the_largest_memory_can_not_grow() -> None:
    """Each architecture has prices of its own; there is nothing above Lambda's limit."""
    prices = price_list("us-east-1").functions
    x86, arm = (options(MEMORY[1], prices[name], 1.0, 0.1) for name in ("x86_64", "arm64"))
    assert [one.name for one in x86] == [one.name for one in arm]
    assert len(x86) == 2
    assert all(a.price < b.price for a, b in zip(arm, x86, strict=True))


def test_the_ceiling_is_what_an_attacker_could_spend() -> None:
    """Figures by hand: 50 requests a second x 15 s x 1 GB, and $1.20 a million requests.

    A reserved concurrency bounds it, and what is always ready is paid for besides.
    """
    gb_second, hour = 0.0000166667, 3600
    requests = 50 * hour * 1.20 / 1e6
    plain = Capacity(1024, 15)
    assert ceiling([plain], "x86_64", 50) == pytest.approx(750 * hour * gb_second + requests)
    assert ceiling([plain], "x86_64", 50) == pytest.approx(45.216, abs=0.01)
    bounded = ceiling([replace(plain, most=10)], "x86_64", 50)
    assert bounded == pytest.approx(10 * hour * gb_second + requests)
    assert ceiling([replace(plain, most=0)], "x86_64", 50) == pytest.approx(requests)
    ready = ceiling([replace(plain, most=10, provisioned=2)], "x86_64", 50)
    assert ready - bounded == pytest.approx(2 * hour * 0.0000041667)

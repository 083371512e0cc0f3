"""Prices of Lambda and HTTP APIs. `python -m tools.prices` writes them to prices.json."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from mldeploy.facts.quotas import CONCURRENCY, MEMORY, ONE_PROCESSOR

REGION = "us-east-1"
"""The region whose prices are used for regions missing in the file."""
HOURS = 730.0
"""Per month."""


@dataclass(frozen=True)
class Prices:
    """Prices in USD, without tiers and free tier.

    Attributes:
        gb_second: of duration.
        million_requests: of requests.
        provisioned_gb_second: of provisioned concurrency, used or not.
        provisioned_duration_gb_second: of duration with provisioned concurrency.
    """

    gb_second: float
    million_requests: float
    provisioned_gb_second: float
    provisioned_duration_gb_second: float


@dataclass(frozen=True)
class PriceList:
    """A region's price list.

    Attributes:
        region: of the prices.
        source: of the prices.
        published: the day, or the first day of the month, when AWS published them.
        gateway_million: USD per million requests of an HTTP API.
        functions: Lambda's prices by architecture.
    """

    region: str
    source: str
    published: date
    gateway_million: float
    functions: dict[str, Prices]

    @property
    def month(self) -> str:
        """The month of publication, such as "August 2025"."""
        return f"{self.published:%B %Y}"


@dataclass(frozen=True)
class StatesPrices:
    """Prices in USD of what a batch job needs beside Lambda.

    Attributes:
        standard_million: of state transitions of Standard workflows.
        express_million: of executions of Express workflows.
        express_gb_second: of their duration.
        put_thousand: of S3's PUT and LIST requests.
        get_thousand: of S3's GET requests.
    """

    standard_million: float
    express_million: float
    express_gb_second: float
    put_thousand: float
    get_thousand: float


STATES = StatesPrices(25.0, 1.0, 0.00001667, 0.005, 0.0004)
"""us-east-1, August 2025 (https://aws.amazon.com/step-functions/pricing/ and
https://aws.amazon.com/s3/pricing/): used for every region, because they are a small part."""


@cache
def price_list(region: str) -> PriceList:
    """Return the prices of a region, or of `REGION` if the file doesn't have that region."""
    return prices_in(
        json.loads(files("mldeploy.facts").joinpath("prices.json").read_text()), region
    )


def prices_in(content: Mapping[str, Any], region: str) -> PriceList:
    """Return a region's prices in the file's content."""
    name = region if region in content["regions"] else REGION
    found: dict[str, Any] = content["regions"][name]
    return PriceList(
        name,
        content["source"],
        date.fromisoformat(content["published"]),
        found["gateway_million"],
        {one: Prices(**found[one]) for one in ("arm64", "x86_64")},
    )


@dataclass(frozen=True)
class Capacity:
    """The maximum usage of a function.

    Attributes:
        memory: MB.
        timeout: seconds.
        most: concurrent executions; None for the account's limit.
        provisioned: provisioned concurrency.
    """

    memory: int
    timeout: int
    most: int | None = None
    provisioned: int = 0


def ceiling(
    functions: Sequence[Capacity], architecture: str, rate: float, listed: PriceList
) -> float:
    """Return the maximum cost of functions behind an HTTP API, USD per hour.

    Assumes that the API's full rate constantly reaches the most expensive function, and that each
    request runs until its timeout, in as many environments as Lambda provides. Excludes logs,
    images and outgoing traffic.

    Args:
        functions: behind the API.
        architecture: "x86_64" or "arm64".
        rate: the API's throttling rate, requests per second.
        listed: the region's prices.
    """
    prices = listed.functions[architecture]
    asked = rate * max(one.memory / 1024 * one.timeout for one in functions)
    granted = sum(
        one.memory / 1024 * (CONCURRENCY if one.most is None else one.most) for one in functions
    )
    ready = sum(one.memory / 1024 * one.provisioned for one in functions)
    requests = rate / 1e6 * (prices.million_requests + listed.gateway_million)
    running = min(asked, granted) * prices.gb_second
    return 3600 * (requests + running + ready * prices.provisioned_gb_second)


@dataclass(frozen=True)
class Option:
    """A way to reduce cold starts, and its price in USD."""

    name: str
    effect: str
    price: float
    per: str


def options(
    memory: int, prices: Prices, cold: float, warm: float, every_minutes: int = 5
) -> tuple[Option, ...]:
    """Return the ways to reduce cold starts, with their prices.

    Args:
        memory: of the function, MB.
        prices: of the function's region and architecture.
        cold: seconds from a container's start to its first response.
        warm: seconds of a warm response.
        every_minutes: interval of warm-up events.
    """
    gigabytes = memory / 1024
    more = min(max(memory * 2, ONE_PROCESSOR), MEMORY[1])
    extra = (more - memory) / 1024 * warm * prices.gb_second * 1e6
    pings = HOURS * 60 / every_minutes
    # A warm-up event returns at once, but Lambda bills at least a millisecond.
    ping = pings * (prices.million_requests / 1e6 + 0.001 * gigabytes * prices.gb_second)
    found = (
        Option(
            f'keep_warm = {{every = "{every_minutes} minutes"}}',
            f"one environment stays warm; a concurrent request still waits {cold:.1f} s",
            ping,
            "month",
        ),
        Option(
            "provisioned_concurrency = 1",
            "one environment never starts cold",
            HOURS * 3600 * gigabytes * prices.provisioned_gb_second,
            "month",
        ),
    )
    if more == memory:
        return found
    return (
        Option(
            f"memory = {more}",
            "more vCPU for imports and loading; measure again to see the effect",
            extra,
            "million warm requests",
        ),
        *found,
    )

"""What Lambda costs, from a small table with its date. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

AS_OF = "August 2025"
REGION = "us-east-1"
SOURCE = "https://aws.amazon.com/lambda/pricing/"

HOURS = 730.0
"""Of a month."""
LARGEST = 10_240
"""MB: Lambda's limit."""
ACCOUNT_CONCURRENCY = 1_000
"""Executions at once that Lambda grants to an account and region at first (Lambda quotas page)."""
ONE_PROCESSOR = 1_769
"""MB that have one whole processor (Lambda developer guide, "Configure Lambda function memory")."""


@dataclass(frozen=True)
class Prices:
    """USD, without tiers and free tier.

    Attributes:
        gb_second: of duration.
        million_requests: of requests.
        provisioned_gb_second: of provisioned concurrency, used or not.
        provisioned_duration_gb_second: of duration in it.
    """

    gb_second: float
    million_requests: float
    provisioned_gb_second: float
    provisioned_duration_gb_second: float


TABLE = {
    "x86_64": Prices(0.0000166667, 0.20, 0.0000041667, 0.0000097222),
    "arm64": Prices(0.0000133334, 0.20, 0.0000033334, 0.0000077778),
}


GATEWAY_MILLION = 1.00
"""USD for a million requests of an HTTP API (https://aws.amazon.com/api-gateway/pricing/)."""


@dataclass(frozen=True)
class Capacity:
    """How much of Lambda one function can use.

    Attributes:
        memory: MB.
        timeout: seconds.
        most: executions at once; None for the account's limit.
        provisioned: environments that are always ready.
    """

    memory: int
    timeout: int
    most: int | None = None
    provisioned: int = 0


def ceiling(functions: Sequence[Capacity], architecture: str, rate: float) -> float:
    """Return the most that functions behind one HTTP API can cost, USD an hour.

    As if the API's whole rate arrived without pause at the dearest function, and each request ran
    until its timeout, in as many environments as Lambda gives. Logs, images and traffic out of AWS
    aren't in it.

    Args:
        functions: behind the API.
        architecture: "x86_64" or "arm64".
        rate: requests a second that the API lets through.
    """
    prices = TABLE[architecture]
    asked = rate * max(one.memory / 1024 * one.timeout for one in functions)
    granted = sum(
        one.memory / 1024 * (ACCOUNT_CONCURRENCY if one.most is None else one.most)
        for one in functions
    )
    ready = sum(one.memory / 1024 * one.provisioned for one in functions)
    requests = rate / 1e6 * (prices.million_requests + GATEWAY_MILLION)
    running = min(asked, granted) * prices.gb_second
    return 3600 * (requests + running + ready * prices.provisioned_gb_second)


@dataclass(frozen=True)
class Option:
    """A way to meet fewer or shorter cold starts, and its price in USD."""

    name: str
    effect: str
    price: float
    per: str


def options(
    memory: int, architecture: str, cold: float, warm: float, every_minutes: int = 5
) -> tuple[Option, ...]:
    """Return what would help, with the price of each.

    Args:
        memory: of the function, MB.
        architecture: "x86_64" or "arm64".
        cold: seconds from a container's start to its first answer.
        warm: seconds of a warm answer.
        every_minutes: between two warm-up pings.
    """
    prices = TABLE[architecture]
    gigabytes = memory / 1024
    more = min(max(memory * 2, ONE_PROCESSOR), LARGEST)
    extra = (more - memory) / 1024 * warm * prices.gb_second * 1e6
    pings = HOURS * 60 / every_minutes
    # A ping answers at once, but Lambda bills at least a millisecond of it.
    ping = pings * (prices.million_requests / 1e6 + 0.001 * gigabytes * prices.gb_second)
    found = (
        Option(
            f'keep_warm = {{every = "{every_minutes} minutes"}}',
            f"one environment stays warm; a second request meanwhile still waits {cold:.1f} s",
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
            "more processor for imports and loading: measure again with it",
            extra,
            "million warm requests",
        ),
        *found,
    )

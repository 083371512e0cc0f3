"""What Lambda costs, from a small table with its date. Pure."""

from dataclasses import dataclass

AS_OF = "August 2025"
REGION = "us-east-1"
SOURCE = "https://aws.amazon.com/lambda/pricing/"

HOURS = 730.0
"""Of a month."""
LARGEST = 10_240
"""MB: Lambda's limit."""
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

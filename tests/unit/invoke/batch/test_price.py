"""What a job costs: Lambda's list prices, and Step Functions' and S3's small part."""

import pytest

from mldeploy.config import BatchConfig, Config
from mldeploy.invoke.batch.executions import Chunks
from mldeploy.invoke.batch.price import cost_at_most, cost_of, rates_of
from tests.support.stacks import config


def settings(**changes: int) -> Config:
    return config(batch=BatchConfig(**changes))  # type: ignore[arg-type]


def test_the_price_is_that_of_the_seconds_and_requests() -> None:
    """Worked out by hand: 100 chunks of 10 s in 50 environments with 2 GB, us-east-1, x86_64."""
    found = cost_of(100, 10.0, rates_of(settings(memory=2048, concurrency=50), "us-east-1"))
    busy = 100 * 10 + 50 * 3
    by_hand = (
        busy * 2 * 0.0000166667  # Lambda's GB-seconds
        + 102 * 0.20 / 1e6  # its requests
        + busy * 64 / 1024 * 0.00001667  # the children, 64 MB each
        + 100 * 1.00 / 1e6  # their requests
        + 12 * 0.025 / 1000  # state transitions
        + 100 * (3 * 0.005 + 4 * 0.0004) / 1000  # S3
    )
    assert found.usd == pytest.approx(by_hand, rel=1e-6)
    assert found.seconds == pytest.approx(2 * 10 + 6)


def test_environments_are_no_more_than_chunks() -> None:
    """Each loads its model once."""
    rates = rates_of(settings(), "us-east-1")
    assert cost_of(1, 10.0, rates).usd < cost_of(2, 10.0, rates).usd
    assert cost_of(1, 10.0, rates).seconds == cost_of(50, 10.0, rates).seconds
    assert cost_of(51, 10.0, rates).seconds > cost_of(50, 10.0, rates).seconds


def test_the_cost_so_far_grows_with_time_and_is_never_less_than_it() -> None:
    """All environments count as busy all the time."""
    rates = rates_of(settings(concurrency=4), "us-east-1")
    chunks = Chunks(total=8, done=2, running=4)
    assert cost_at_most(chunks, 20, rates) > cost_at_most(chunks, 10, rates)
    assert cost_at_most(Chunks(8, 8), 20.0, rates) >= cost_of(8, 10.0, rates).usd * 0.7

"""What a job costs on AWS, in USD."""

from dataclasses import dataclass
from math import ceil

from mldeploy.config import Config
from mldeploy.facts.prices import STATES, Prices, StatesPrices, price_list
from mldeploy.invoke.batch.executions import Chunks

_MB_OF_CHILD = 64
"""Step Functions bills an Express workflow's memory in steps of this many MB (its pricing page)."""
_TRANSITIONS = 12
"""Of a job with two rounds; a round has Count, Gather, IsDone and Score."""
_WRITES, _READS = 3, 4
"""S3 requests of a chunk: its part, errors and record; job, record, boundaries and rows."""
_COLD_SECONDS = 3.0
"""Until an environment has loaded its model; Lambda bills it (since August 2025)."""


@dataclass(frozen=True)
class Rates:
    """What a job's functions use, and what that costs.

    Attributes:
        memory: MB of each environment.
        concurrency: of environments.
        prices: of Lambda.
        states: of Step Functions and S3.
    """

    memory: int
    concurrency: int
    prices: Prices
    states: StatesPrices


@dataclass(frozen=True)
class Cost:
    """What a job is expected to take. `seconds`: from its start to its end."""

    seconds: float
    usd: float


def rates_of(config: Config, region: str) -> Rates:
    """Return the rates of a stage with [batch]."""
    if config.batch is None:
        raise ValueError("the project has no [batch]")
    prices = price_list(region).functions[config.architecture]
    return Rates(config.batch.memory, config.batch.concurrency, prices, STATES)


def cost_of(chunks: int, seconds: float, rates: Rates) -> Cost:
    """Return the expected time and price of a job.

    Args:
        chunks: how many are to be scored.
        seconds: that one chunk takes in one environment, once it has loaded its model.
        rates: of the stage.
    """
    environments = min(chunks, rates.concurrency)
    waves = ceil(chunks / environments) if environments else 0
    busy = chunks * seconds + environments * _COLD_SECONDS
    return Cost(waves * seconds + 2 * _COLD_SECONDS, _price(chunks, busy, rates))


def cost_at_most(chunks: Chunks, elapsed: float, rates: Rates) -> float:
    """Return the most that a job can have cost: all its environments were busy all the time."""
    busy = elapsed * min(rates.concurrency, max(chunks.total, 1))
    return _price(chunks.done + chunks.running + chunks.failed, busy, rates)


def _price(chunks: int, busy: float, rates: Rates) -> float:
    """Return the price of so many chunks that took so many seconds together."""
    functions = busy * rates.memory / 1024 * rates.prices.gb_second
    requests = (chunks + 2) * rates.prices.million_requests / 1e6
    states = rates.states
    children = busy * _MB_OF_CHILD / 1024 * states.express_gb_second
    children += chunks * states.express_million / 1e6
    parent = _TRANSITIONS * states.standard_million / 1e6
    objects = chunks * (_WRITES * states.put_thousand + _READS * states.get_thousand) / 1e3
    return functions + requests + children + parent + objects

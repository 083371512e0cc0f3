"""Throttles calls to stay below the rate limits of AWS's control planes.

AWS rejects calls above the limit, for all programs of the account, so calls are delayed here. Each
attempt counts, including retries, and all threads share the buckets.
"""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from mldeploy.aws.errors import is_throttling
from mldeploy.facts.rates import Rate, quota
from mldeploy.facts.thresholds import SHARE

_LEAST = 1 / 16
_RECOVERY_SECONDS = 60.0
_QUIET_SECONDS = 1.0
"""Throttling errors within this time halve the rate only once."""


class Bucket:
    """A token bucket: each call takes a token, and waits if there is none.

    It has a share of the quota. After a throttling error it fills half as fast, and returns to
    its rate within a minute, because other programs use the quota, too.
    """

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._full = self._rate = rate.per_second * SHARE
        self._burst = self._tokens = rate.burst * SHARE
        self._clock = clock
        self._at = clock()
        self._slowed = self._at - _QUIET_SECONDS
        self._lock = threading.Lock()

    def take(self) -> float:
        """Take a token; return the seconds until it is available."""
        with self._lock:
            self._fill()
            self._tokens -= 1
            return max(0.0, -self._tokens / self._rate)

    def slow_down(self) -> None:
        """Reduce the rate after a throttling error."""
        with self._lock:
            self._fill()
            if self._at - self._slowed < _QUIET_SECONDS:
                return
            self._slowed = self._at
            self._rate = max(self._rate / 2, self._full * _LEAST)
            self._tokens = min(self._tokens, 0.0)

    def _fill(self) -> None:
        now = self._clock()
        passed, self._at = now - self._at, now
        self._rate = min(self._full, self._rate + self._full * passed / _RECOVERY_SECONDS)
        self._tokens = min(self._burst, self._tokens + passed * self._rate)


class Pace:
    """Delays calls so that a program stays within its share of each quota.

    Args:
        sleep: pauses a thread.
        clock: in seconds.
    """

    def __init__(
        self, sleep: Callable[[float], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sleep = sleep
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self._lock = threading.Lock()

    def watch(self, client: Any, service: str) -> None:
        """Delay each attempt of a boto3 client, and slow down after throttling errors."""
        # botocore emits both for each attempt (botocore/endpoint.py).
        client.meta.events.register_first("before-send", partial(self._before, service))
        client.meta.events.register("needs-retry", partial(self._after, service))

    def _before(self, service: str, *, event_name: str, **_: Any) -> None:
        bucket = self._bucket(service, event_name.rpartition(".")[2])
        seconds = bucket.take() if bucket else 0.0
        if seconds > 0:
            self._sleep(seconds)

    def _after(self, service: str, *, operation: Any, response: Any = None, **_: Any) -> None:
        code = response[1].get("Error", {}).get("Code", "") if response else ""
        bucket = self._bucket(service, operation.name) if is_throttling(code) else None
        if bucket:
            bucket.slow_down()

    def _bucket(self, service: str, operation: str) -> Bucket | None:
        found = quota(service, operation)
        if found is None:
            return None
        name, rate = found
        with self._lock:
            if name not in self._buckets:
                self._buckets[name] = Bucket(rate, self._clock)
            return self._buckets[name]

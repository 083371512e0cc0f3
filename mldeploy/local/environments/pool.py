"""A function's environments: as many as concurrent requests need, up to a limit."""

import os
import threading
import time
from collections import deque
from collections.abc import Callable

from mldeploy.local.environments.output import Log
from mldeploy.local.environments.runs import Outcome, Runs

_AT_ONCE = os.cpu_count() or 1
"""Environments that start concurrently. Fifty on two CPUs would all time out."""


class Pool:
    """The environments of a function's release.

    Each handles one request at a time. A request that finds none free starts one, and is rejected
    if the limit is reached, as Lambda does when a function's concurrency is exceeded. While as many
    environments are starting as there are CPUs, requests wait for the first free one, in order.

    Args:
        make: returns an environment that isn't started yet.
        limit: maximum number of concurrent requests, and thus environments.
        log: receives a line for the first rejected request.
        at_once: how many environments start concurrently.
    """

    def __init__(
        self, make: Callable[[], Runs], limit: int, log: Log, at_once: int = _AT_ONCE
    ) -> None:
        self._make, self._limit, self._log, self._at_once = make, limit, log, at_once
        self._lock = threading.Lock()
        self._ended = threading.Condition(self._lock)
        self._waiting: deque[_Place] = deque()
        self._all: set[Runs] = set()
        self._free: list[Runs] = []
        self._requests = self._starting = 0
        self._retired = self._refused = False

    def invoke(self, event: bytes, seconds: float) -> Outcome:
        """Handle an event within `seconds`."""
        until = time.monotonic() + seconds
        with self._lock:
            if self._requests >= self._limit:
                return self._refusal()
            self._requests += 1
        try:
            return self._invoke(event, until)
        finally:
            with self._lock:
                self._requests -= 1

    def warm(self, seconds: float) -> bool:
        """Start an environment for the first request; return False if that fails."""
        with self._lock:
            environment = self._made()
        try:
            return self._start(environment, seconds)
        finally:
            self._give_back(environment)

    def retire(self) -> None:
        """Accept no more requests, and return when all are handled and all environments ended."""
        with self._lock:
            self._retired = True
            free, self._free = self._free, []
            self._all.difference_update(free)
            while self._wake():
                pass
        for environment in free:
            environment.end()
        with self._lock:
            self._ended.wait_for(lambda: not self._all)

    def end(self) -> None:
        """End every environment at once, even while it handles a request."""
        with self._lock:
            self._retired = True
            every, self._free = list(self._all), []
            while self._wake():
                pass
        # A container takes a while to end; an executor would also wait when interrupted.
        threads = [threading.Thread(target=one.end, daemon=True) for one in every]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _invoke(self, event: bytes, until: float) -> Outcome:
        with self._lock:
            found = self._take(until)
        if isinstance(found, Outcome):
            return found
        environment, fresh = found
        try:
            if fresh and not self._start(environment, until - time.monotonic()):
                late = time.monotonic() >= until
                return Outcome(problem="late") if late else Outcome(None, "init", environment.error)
            return environment.invoke(event, until - time.monotonic())
        finally:
            self._give_back(environment)

    def _refusal(self) -> Outcome:
        if self._retired:
            return Outcome(problem="retired")
        if not self._refused:
            self._refused = True
            self._log(f"more concurrent requests than environments ({self._limit}): 429")
        return Outcome(problem="busy")

    def _take(self, until: float) -> tuple[Runs, bool] | Outcome:
        """Return a free environment, or a new one that isn't started yet (True), or a refusal."""
        while not self._retired:
            while self._free:
                environment = self._free.pop()
                if environment.alive:
                    return environment, False
                self._all.discard(environment)
                environment.end()
            if self._starting < self._at_once and len(self._all) < self._limit:
                return self._made(), True
            place = _Place(self._lock)
            self._waiting.append(place)
            woken = place.woken.wait(until - time.monotonic())
            if place.environment is not None:
                return place.environment, False
            if not woken:
                self._waiting.remove(place)
                return Outcome(problem="late")
        return Outcome(problem="retired")

    def _wake(self, environment: Runs | None = None) -> bool:
        """Wake the request that has waited longest; return False if none is waiting."""
        if not self._waiting:
            return False
        place = self._waiting.popleft()
        place.environment = environment
        place.woken.notify()
        return True

    def _made(self) -> Runs:
        environment = self._make()
        self._all.add(environment)
        self._starting += 1
        return environment

    def _start(self, environment: Runs, seconds: float) -> bool:
        try:
            return environment.start(seconds)
        finally:
            with self._lock:
                self._starting -= 1
                self._wake()

    def _give_back(self, environment: Runs) -> None:
        environment.settle()
        with self._lock:
            if environment.alive and not self._retired:
                if not self._wake(environment):
                    self._free.append(environment)
                return
        environment.end()
        with self._lock:
            self._all.discard(environment)
            self._ended.notify_all()
            self._wake()


class _Place:
    """A waiting request's place. `environment`: reserved for it."""

    def __init__(self, lock: threading.Lock) -> None:
        self.woken = threading.Condition(lock)
        self.environment: Runs | None = None

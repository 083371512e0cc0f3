"""A function's environments: as many as requests need at once, up to a limit."""

import threading
import time
from collections.abc import Callable

from mldeploy.local.output import Log
from mldeploy.local.runs import Outcome, Runs


class Pool:
    """Environments of one release of a function.

    Each takes one request at a time. A request that finds none free starts one, and is refused
    where the limit is reached, as Lambda refuses what exceeds a function's concurrency.

    Args:
        make: makes an environment that isn't started yet.
        limit: how many there may be at once.
        log: is told of the first request that is refused.
    """

    def __init__(self, make: Callable[[], Runs], limit: int, log: Log) -> None:
        self._make, self._limit, self._log = make, limit, log
        self._changed = threading.Condition()
        self._all: set[Runs] = set()
        self._free: list[Runs] = []
        self._retired = self._refused = False

    def invoke(self, event: bytes, seconds: float) -> Outcome:
        """Have an event answered, within `seconds`."""
        until = time.monotonic() + seconds
        with self._changed:
            found = self._take()
        if isinstance(found, Outcome):
            return found
        environment, fresh = found
        try:
            if fresh and not environment.start(seconds):
                late = time.monotonic() >= until
                return Outcome(problem="late") if late else Outcome(None, "init", environment.error)
            return environment.invoke(event, until - time.monotonic())
        finally:
            self._give_back(environment)

    def warm(self, seconds: float) -> bool:
        """Start an environment for the first request; False where it can't be started."""
        with self._changed:
            environment = self._made()
        try:
            return environment.start(seconds)
        finally:
            self._give_back(environment)

    def retire(self) -> None:
        """Take no more, and return when everything on its way is answered and every one ended."""
        with self._changed:
            self._retired = True
            free, self._free = self._free, []
            self._all.difference_update(free)
        for environment in free:
            environment.end()
        with self._changed:
            self._changed.wait_for(lambda: not self._all)

    def end(self) -> None:
        """End every environment at once, whatever it is doing."""
        with self._changed:
            self._retired = True
            every, self._free = list(self._all), []
        # A container takes a while to end; an executor would wait also when it is interrupted.
        threads = [threading.Thread(target=one.end, daemon=True) for one in every]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _take(self) -> tuple[Runs, bool] | Outcome:
        """Return a free environment, or a new one that isn't started yet (True), or a refusal."""
        if self._retired:
            return Outcome(problem="retired")
        while self._free:
            environment = self._free.pop()
            if environment.alive:
                return environment, False
            self._all.discard(environment)
            environment.end()
        if len(self._all) >= self._limit:
            self._refuse()
            return Outcome(problem="busy")
        return self._made(), True

    def _refuse(self) -> None:
        if not self._refused:
            self._refused = True
            self._log(f"more requests at once than environments ({self._limit}): 429")

    def _made(self) -> Runs:
        environment = self._make()
        self._all.add(environment)
        return environment

    def _give_back(self, environment: Runs) -> None:
        environment.settle()
        with self._changed:
            if environment.alive and not self._retired:
                self._free.append(environment)
                return
        environment.end()
        with self._changed:
            self._all.discard(environment)
            self._changed.notify_all()

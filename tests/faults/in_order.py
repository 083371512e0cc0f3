"""Thread pools that work in order, so that call number k is the same call in every run."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any


class InOrder(Executor):
    """Runs what is submitted at once, in the caller's thread."""

    def __init__(self, workers: int = 1) -> None:
        del workers

    def submit(self, call: Callable[..., Any], /, *args: Any, **params: Any) -> Future[Any]:
        """Run it, and keep what it raised for whoever asks: a crash as well."""
        future: Future[Any] = Future()
        try:
            future.set_result(call(*args, **params))
        except BaseException as error:  # noqa: BLE001 - the pool's own threads do the same
            future.set_exception(error)
        return future

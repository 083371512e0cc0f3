"""Calls of an engine's library, which may never return, in bounded time."""

import queue
from collections.abc import Callable
from threading import Thread
from typing import Any, TypeVar

Found = TypeVar("Found")


def within(seconds: float, call: Callable[[], Found]) -> Found:
    """Return the result of a call, which runs in a thread of its own.

    Raises:
        TimeoutError: it hasn't returned in time; its thread is left alone.
        Exception: of the call.
    """
    results: queue.Queue[tuple[Any, BaseException | None]] = queue.Queue()

    def work() -> None:
        try:
            results.put((call(), None))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            results.put((None, error))

    Thread(target=work, daemon=True).start()
    try:
        found, error = results.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no response within {seconds:.0f} seconds") from None
    if error is not None:
        raise error
    return found  # type: ignore[no-any-return]

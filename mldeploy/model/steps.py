"""Reports the steps of a training as events."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from mldeploy.errors import MldeployError
from mldeploy.events import Event, Failed, Finished, Started

Found = TypeVar("Found")


def step(
    emit: Callable[[Event], Any],
    name: str,
    work: Callable[[], Found],
    text: Callable[[Found], str] = lambda _found: "",
) -> Found:
    """Run and report a step, and return its result.

    Args:
        emit: receives the events.
        name: of the step.
        work: runs it.
        text: returns a short text on the result.
    """
    started = time.monotonic()
    emit(Started(name))
    try:
        found = work()
    except MldeployError as error:
        emit(Failed(name, error.message))
        raise
    emit(Finished(name, time.monotonic() - started, text(found)))
    return found

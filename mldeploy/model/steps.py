"""The steps of a training, told as events."""

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
    """Do a step, tell of it, and return what it found.

    Args:
        emit: gets the events.
        name: of the step.
        work: does it.
        text: what is worth knowing of what it found.
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

"""Events of a running command, as data. Only `mldeploy.render` turns them into text."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Started:
    """A step began. `step` names it ("create function mldeploy_iris_dev_predict")."""

    step: str


@dataclass(frozen=True)
class Progress:
    """A step progressed.

    Attributes:
        step: the step, as in `Started`.
        text: what is happening, in a few words.
        current: amount done, in `unit`s, if known.
        total: total amount, in `unit`s, if known. `current` may exceed it.
        unit: "bytes", or any other word.
    """

    step: str
    text: str
    current: int | None = None
    total: int | None = None
    unit: str = "bytes"


@dataclass(frozen=True)
class Waiting:
    """A step waits for another system.

    Attributes:
        step: the step, as in `Started`.
        reason: what it waits for, as AWS states it, if possible.
        seconds: so far.
    """

    step: str
    reason: str
    seconds: float


@dataclass(frozen=True)
class Finished:
    """A step succeeded after `seconds`; `text` describes the result."""

    step: str
    seconds: float
    text: str = ""


@dataclass(frozen=True)
class Failed:
    """A step failed; the following error is the reason."""

    step: str
    reason: str


@dataclass(frozen=True)
class Note:
    """A note for the user that doesn't stop the command. `level`: "info" or "warning"."""

    text: str
    level: str = "info"


Event = Started | Progress | Waiting | Finished | Failed | Note
Emit = Callable[[Event], None]

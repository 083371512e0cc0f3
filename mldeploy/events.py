"""What happens while a command runs, as data. Only `mldeploy.render` turns it into text."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Started:
    """A step began. `step` names it ("create function mldeploy_iris_dev_predict")."""

    step: str


@dataclass(frozen=True)
class Progress:
    """A step moved on.

    Attributes:
        step: the step, as in `Started`.
        text: what is happening now, in a few words.
        current: how much is done, in `unit`s, if known.
        total: how much there is, in `unit`s, if known. `current` may pass it.
        unit: "bytes", or any other word.
    """

    step: str
    text: str
    current: int | None = None
    total: int | None = None
    unit: str = "bytes"


@dataclass(frozen=True)
class Waiting:
    """A step waits for something that is not in our hands.

    Attributes:
        step: the step, as in `Started`.
        reason: what it waits for, in AWS's words where there are any.
        seconds: for how long so far.
    """

    step: str
    reason: str
    seconds: float


@dataclass(frozen=True)
class Finished:
    """A step succeeded after `seconds`; `text` says what is worth knowing of it."""

    step: str
    seconds: float
    text: str = ""


@dataclass(frozen=True)
class Failed:
    """A step failed; the error that follows says why."""

    step: str
    reason: str


@dataclass(frozen=True)
class Note:
    """Something that a user should know and that stops nothing. `level`: "info" or "warning"."""

    text: str
    level: str = "info"


Event = Started | Progress | Waiting | Finished | Failed | Note
Emit = Callable[[Event], None]

"""What invokes a function. Every function can be invoked through Lambda's API besides."""

from dataclasses import dataclass
from typing import ClassVar

from mldeploy.facts.quotas import GATEWAY_SECONDS, TIMEOUT


@dataclass(frozen=True)
class HttpTrigger:
    """Requests that a route of the HTTP API takes.

    Attributes:
        route: its key, such as "POST /predict".
        longest: seconds that the trigger waits for the function.
    """

    route: str
    longest: ClassVar[int] = GATEWAY_SECONDS


@dataclass(frozen=True)
class NoTrigger:
    """Nothing but Lambda's API: no route, and no need of an HTTP API."""

    longest: ClassVar[int] = TIMEOUT[1]


Trigger = HttpTrigger | NoTrigger

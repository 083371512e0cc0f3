"""Triggers of functions. Every function can also be invoked through Lambda's API."""

from dataclasses import dataclass
from typing import ClassVar

from mldeploy.facts.quotas import GATEWAY_SECONDS, TIMEOUT


@dataclass(frozen=True)
class HttpTrigger:
    """A route of the HTTP API.

    Attributes:
        route: its key, such as "POST /predict".
        longest: the trigger's timeout in seconds.
    """

    route: str
    longest: ClassVar[int] = GATEWAY_SECONDS


@dataclass(frozen=True)
class NoTrigger:
    """Only Lambda's API, without a route."""

    longest: ClassVar[int] = TIMEOUT[1]


Trigger = HttpTrigger | NoTrigger

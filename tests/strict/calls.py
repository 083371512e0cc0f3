"""A call as the rules see it, what refuses it, and where rules are registered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.strict.aws import StrictAws

ACCOUNT = "123456789012"
REGION = "eu-central-1"
_READS = (
    "BatchCheck",
    "BatchGet",
    "Describe",
    "Filter",
    "Get",
    "Invoke",
    "List",
    "Lookup",
    "Test",
    "Verify",
)


class Crash(BaseException):
    """The process dies here. No `except Exception` may swallow it."""


class RefusedError(Exception):
    """AWS refuses a call: code, message, HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass
class Call:
    """A call as the program made it.

    Attributes:
        service: botocore's name of the service.
        operation: the operation, such as "CreateFunction".
        params: the parameters as given to the client.
        number: its number among the calls that a crash counts.
        retried: whether botocore has made it twice, for its first answer was lost.
    """

    service: str
    operation: str
    params: dict[str, Any] = field(repr=False)
    number: int = field(default=0, repr=False)
    retried: bool = field(default=False, repr=False)

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"

    @property
    def mutating(self) -> bool:
        return not self.operation.startswith(_READS)


Before = Callable[["StrictAws", Call], dict[str, Any] | None]
After = Callable[["StrictAws", Call, dict[str, Any]], None]
BEFORE: dict[str, list[Before]] = {}
AFTER: dict[str, list[After]] = {}


def before(*names: str) -> Callable[[Before], Before]:
    """Register a rule that may refuse a call (raise RefusedError) or answer it (return)."""

    def register(rule: Before) -> Before:
        for name in names:
            BEFORE.setdefault(name, []).append(rule)
        return rule

    return register


def after(*names: str) -> Callable[[After], After]:
    """Register a rule that mends moto's answer in place."""

    def register(rule: After) -> After:
        for name in names:
            AFTER.setdefault(name, []).append(rule)
        return rule

    return register

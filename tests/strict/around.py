"""What stands around the strict account: a test's own clients, and time that doesn't pass."""

import types
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import botocore.endpoint
import botocore.waiter

if TYPE_CHECKING:
    from tests.strict.aws import StrictAws


@dataclass(frozen=True)
class Answer:
    """An HTTP response, as far as botocore looks at it."""

    status_code: int
    headers: dict[str, str] = field(default_factory=dict)


class Unwatched:
    """A client whose calls are the test's own."""

    def __init__(self, client: Any, aws: "StrictAws") -> None:
        self._client = client
        self._aws = aws

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._client, name)

        def unwatched(*arguments: Any, **params: Any) -> Any:
            with self._aws.unwatched(peek=self._aws.peeks):
                return call(*arguments, **params)

        return unwatched


@contextmanager
def no_sleep() -> Iterator[None]:
    """Let botocore's waiters and its pauses between attempts take no time.

    botocore/waiter.py and botocore/endpoint.py call `time.sleep` and nothing else of `time`.
    """
    modules = (botocore.waiter, botocore.endpoint)
    real = [module.time for module in modules]
    for module in modules:
        module.time = types.SimpleNamespace(sleep=lambda _seconds: None)
    try:
        yield
    finally:
        for module, time in zip(modules, real, strict=True):
            module.time = time

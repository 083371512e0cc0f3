"""What runs a function: the interface of an execution environment, and what becomes of an event."""

import json
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Outcome:
    """What became of an event. Either `answer` is JSON, or `problem` says what it wasn't.

    Problems: "init" (the environment didn't start), "error" (the function raised), "timeout",
    "exit" (its process ended), "engine" (the Docker engine went away), "late" (the gateway waits
    no longer), "busy" (no environment is free), "retired" (these environments take no more).

    Attributes:
        answer: what the function returned.
        problem: one of those above.
        error: of "init", "error", "timeout" and "exit" the JSON that Lambda's Invoke gives as
            the payload of a function error.
        log: the lines of it, where somebody records them.
    """

    answer: bytes | None = None
    problem: str = ""
    error: bytes = b""
    log: tuple[str, ...] = ()


class Runs(Protocol):
    """An execution environment: it takes one event at a time."""

    @property
    def alive(self) -> bool:
        """Whether it can take an event."""
        ...

    @property
    def error(self) -> bytes:
        """Of a start that failed: what Lambda's Invoke gives as payload."""
        ...

    def settle(self) -> None:
        """Wait until it can take the next event, or has ended."""
        ...

    def start(self, seconds: float) -> bool:
        """Start it and wait until the handler is imported; False where that failed."""
        ...

    def invoke(self, event: bytes, seconds: float) -> Outcome:
        """Send an event (JSON) and wait for its answer, for so long."""
        ...

    def end(self) -> None:
        """End it, whatever it is doing, and wait for that."""
        ...


def failure(kind: str, message: str, request_id: str = "") -> bytes:
    """Return the JSON that Lambda gives for what the function couldn't tell itself.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
    """
    said = f"RequestId: {request_id} Error: {message}" if request_id else message
    return json.dumps({"errorType": kind, "errorMessage": said}).encode()


def timed_out(request_id: str, seconds: float) -> bytes:
    """Return what Lambda gives for a timeout."""
    return failure("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds", request_id)

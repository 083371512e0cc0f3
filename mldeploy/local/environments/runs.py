"""The interface of execution environments, and the outcome of an event."""

import json
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Outcome:
    """The outcome of an event: either `answer`, which is JSON, or `problem`.

    Problems: "init" (the environment didn't start), "error" (the function raised), "timeout",
    "exit" (its process ended), "engine" (the Docker engine failed), "late" (the gateway timed
    out), "busy" (no environment is free), "retired" (these environments accept no more events).

    Attributes:
        answer: the function's result.
        problem: one of those above.
        error: for "init", "error", "timeout" and "exit", the payload of a function error of
            Lambda's Invoke, in JSON.
        log: its lines, if they are recorded.
    """

    answer: bytes | None = None
    problem: str = ""
    error: bytes = b""
    log: tuple[str, ...] = ()


class Runs(Protocol):
    """An execution environment, which handles one event at a time."""

    @property
    def alive(self) -> bool:
        """Whether it can accept an event."""
        ...

    @property
    def error(self) -> bytes:
        """The payload of Lambda's Invoke for a failed start."""
        ...

    def settle(self) -> None:
        """Wait until it can accept the next event or has ended."""
        ...

    def start(self, seconds: float) -> bool:
        """Start it and wait until the handler is imported; return False if that failed."""
        ...

    def invoke(self, event: bytes, seconds: float) -> Outcome:
        """Send an event (JSON) and wait for its response, for a number of seconds."""
        ...

    def end(self) -> None:
        """End it, even while it handles an event, and wait for that."""
        ...


def failure(kind: str, message: str, request_id: str = "") -> bytes:
    """Return Lambda's JSON for errors that the function can't report itself.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
    """
    said = f"RequestId: {request_id} Error: {message}" if request_id else message
    return json.dumps({"errorType": kind, "errorMessage": said}).encode()


def timed_out(request_id: str, seconds: float) -> bytes:
    """Return Lambda's JSON for a timeout."""
    return failure("Sandbox.Timedout", f"Task timed out after {seconds:.2f} seconds", request_id)

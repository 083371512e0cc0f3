"""Writes functions' logs to the log groups of the embedded CloudWatch."""

import queue
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from mldeploy.aws.clients import Clients
from mldeploy.embedded.deployed import Version

Line = tuple[int, str]
"""A line and its time, in milliseconds since 1970."""


def line_of(text: str) -> Line:
    """Return a line with the current time."""
    return int(time.time() * 1000), text


class LogWriter:
    """Writes in its own thread, so that no request waits for its log.

    Missing log groups aren't created, because Lambda's role can't create them either.
    """

    def __init__(self, clients: Callable[[str], Clients]) -> None:
        self._clients = clients
        self._queue: queue.Queue[tuple[Version, str, list[Line]]] = queue.Queue()
        threading.Thread(target=self._write, daemon=True).start()

    def stream(self, version: Version) -> Callable[[Iterable[Line]], None]:
        """Return a function that receives the lines of a new environment."""
        number = version.number if version.number.isdecimal() else "$LATEST"
        name = f"{time.strftime('%Y/%m/%d')}/[{number}]{secrets.token_hex(16)}"

        def take(lines: Iterable[Line]) -> None:
            events = list(lines)
            if events:
                self._queue.put((version, name, events))

        return take

    def _write(self) -> None:
        while True:
            version, stream, events = self._queue.get()
            # A deployment may remove the group at any time.
            with suppress(Exception):
                logs = self._clients(version.region).logs
                with suppress(logs.exceptions.ResourceAlreadyExistsException):
                    logs.create_log_stream(logGroupName=version.log_group, logStreamName=stream)
                logs.put_log_events(
                    logGroupName=version.log_group,
                    logStreamName=stream,
                    logEvents=[{"timestamp": moment, "message": line} for moment, line in events],
                )

"""Reports botocore's retries to the user."""

import threading
import time
from typing import Any

from mldeploy.aws.errors import stop_retries
from mldeploy.events import Emit, Waiting

_PATIENT_ATTEMPTS = 3
"""Attempts after which retries are reported; one or two are normal."""


class Retries:
    """Reports repeated retries, and stops them when the program is interrupted.

    Args:
        emit: receives events.
        interrupted: set once the program was interrupted.
    """

    def __init__(self, emit: Emit | None, interrupted: threading.Event) -> None:
        self._emit = emit
        self._interrupted = interrupted

    def watch(self, client: Any) -> None:
        """Report the retries of a boto3 client."""
        client.meta.events.register("needs-retry", stop_retries)
        client.meta.events.register("needs-retry", self._tell)

    def _tell(
        self, attempts: int, operation: Any, response: Any, request_dict: Any, **_: Any
    ) -> None:
        """Report what botocore retries; doesn't influence its decision.

        Raises:
            KeyboardInterrupt: the program was interrupted.
        """
        error = response[1].get("Error", {}) if response else {}
        if response and not error:
            return
        if self._interrupted.is_set():
            raise KeyboardInterrupt
        if self._emit is None or attempts < _PATIENT_ATTEMPTS:
            return
        started = request_dict["context"].setdefault("mldeploy_started", time.monotonic())
        reason = f"{error.get('Code', 'no answer')} (attempt {attempts})"
        self._emit(Waiting(f"AWS {operation.name}", reason, time.monotonic() - started))

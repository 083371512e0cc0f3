"""Sends a signal to its own process right before its k-th call to AWS is sent.

Python runs a file of this name at every start (documentation of the module `site`), so what is
killed is the real command. MLDEPLOY_KILL holds the call's number, 0 for none, the signal's, and a
file for the number of calls; children don't get it.
"""

import atexit
import os
import sys
import threading
from pathlib import Path
from typing import Any

_given = os.environ.pop("MLDEPLOY_KILL", "")
_sent = 0
_lock = threading.Lock()


def _watch(call: int, number: int) -> Any:
    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        """Count what is signed for AWS, of what Python's HTTP client sends."""
        global _sent  # noqa: PLW0603 - an audit hook has nothing else to keep it in
        if event != "http.client.send" or b"AWS4-HMAC-SHA256" not in bytes(arguments[1]):
            return
        with _lock:
            _sent += 1
            now = _sent == call
        if now:
            os.kill(os.getpid(), number)

    return watch


if _given:
    _call, _number, _file = _given.split(" ", 2)
    atexit.register(lambda: Path(_file).write_text(str(_sent)))
    sys.addaudithook(_watch(int(_call), int(_number)))

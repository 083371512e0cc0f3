"""What an environment's process prints, line by line, in its place between START and END."""

import os
import select
import threading
from collections.abc import Callable

Log = Callable[[str], None]

_OWN = ("[ERROR]", "[WARNING]")
"""How the runtime client's own lines of a failed start begin."""


class Output:
    """Reads a pipe in a thread of its own.

    Lines are held back until the start has succeeded: of one that failed the user is told in
    the words of `mldeploy`.
    """

    def __init__(self, pipe: int, log: Log) -> None:
        self._pipe = pipe
        self._log = log
        self._lock = threading.Lock()
        self._rest = b""
        self._held: list[str] | None = []
        self._open = True
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def release(self, *, failed: bool = False) -> None:
        """Pass on what was held back; of a failed start without the runtime client's lines."""
        self.drain()
        with self._lock:
            held, self._held = self._held or [], None
            for line in held:
                if not (failed and line.startswith(_OWN)):
                    self._log(line.replace("\r", "\n"))

    def drain(self) -> None:
        """Read what there is now."""
        with self._lock:
            self._read()

    def join(self) -> None:
        """Wait for the end of a process that has been ended."""
        self._thread.join(timeout=1)

    def _follow(self) -> None:
        while True:
            select.select([self._pipe], [], [])
            with self._lock:
                if not self._read():
                    self._open = False
                    os.close(self._pipe)
                    return

    def _read(self) -> bool:
        """Read without waiting; False at the end."""
        while self._open and select.select([self._pipe], [], [], 0)[0]:
            found = os.read(self._pipe, 65536)
            if not found:
                self._pass_on([self._rest] if self._rest else [])
                self._rest = b""
                return False
            *lines, self._rest = (self._rest + found).split(b"\n")
            self._pass_on(lines)
        return self._open

    def _pass_on(self, lines: list[bytes]) -> None:
        for line in lines:
            text = line.decode("utf-8", "replace")
            if self._held is not None:
                self._held.append(text)
            else:
                # The runtime client joins the lines of a traceback so that CloudWatch keeps them
                # together.
                self._log(text.replace("\r", "\n"))

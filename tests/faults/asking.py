"""A client that asks an endpoint all the while, and what is wrong with the answers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import urllib3

_PAUSE = 0.02
_PATIENCE = 60.0


@dataclass
class Asking:
    """What a client got.

    Attributes:
        url: the API's.
        values: of the answers, in order, without repetitions.
        failures: what came instead of an answer.
    """

    url: str
    values: list[int] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def ask(self) -> None:
        """Send one request."""
        try:
            answer = urllib3.request(
                "POST", f"{self.url}/echo/x", json={}, retries=False, timeout=_PATIENCE
            )
        except urllib3.exceptions.HTTPError as error:
            self.failures.append(type(error).__name__)
            return
        if answer.status != 200:
            self.failures.append(f"{answer.status} {answer.data[:200]!r}")
            return
        value = int(answer.json()["value"])
        if self.values[-1:] != [value]:
            self.values.append(value)

    def problems(self, before: int, after: int) -> list[str]:
        """Say what isn't the old answer, and from some time on the new one."""
        wrong = [f"a client got {one}" for one in sorted(set(self.failures))]
        if self.values not in ([before, after], [after]):
            wrong.append(f"clients got {self.values}, not {before} and then {after}")
        return wrong


@contextmanager
def asking(url: str) -> Iterator[Asking]:
    """Ask for the time of a `with` block, and once more at its end."""
    found, ends = Asking(url), threading.Event()

    def go_on() -> None:
        while not ends.wait(_PAUSE):
            found.ask()

    thread = threading.Thread(target=go_on)
    found.ask()
    thread.start()
    try:
        yield found
    finally:
        ends.set()
        thread.join()
        found.ask()

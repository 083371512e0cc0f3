"""A client that asks endpoints all the while, and what is wrong with the answers."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.found import ask

_PAUSE = 0.05


@dataclass
class Asking:
    """What a client got.

    Attributes:
        urls: by name.
        got: the answers by name, in order, without repetitions.
    """

    urls: Mapping[str, str]
    got: dict[str, list[str]] = field(default_factory=dict)

    def ask(self) -> None:
        """Send one request to each."""
        for name, url in self.urls.items():
            answers, answer = self.got.setdefault(name, []), ask(url)
            if answers[-1:] != [answer]:
                answers.append(answer)

    def problems(self, before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
        """Say where it isn't the old answer, and from some time on the new one."""
        return [
            f"{name}: clients got {found}, not {before[name]} and then {after[name]}"
            for name, found in self.got.items()
            if found != list(dict.fromkeys((before[name], after[name])))
        ]


@contextmanager
def asking(urls: Mapping[str, str]) -> Iterator[Asking]:
    """Ask for the time of a `with` block, from before it begins until after its end."""
    found, ends = Asking(urls), threading.Event()

    def go_on() -> None:
        while not ends.wait(_PAUSE):
            found.ask()

    found.ask()
    if not urls:
        yield found
        return
    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield found
    finally:
        ends.set()
        thread.join()
        found.ask()

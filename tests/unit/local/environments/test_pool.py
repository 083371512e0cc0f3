"""A function's environments: the limit, who waits, who comes next. The environments are fakes."""

import threading

import pytest

from mldeploy.local.environments.pool import Pool
from mldeploy.local.environments.runs import Outcome
from tests.support.served import until


class Fake:
    """An environment that starts and answers when it is let."""

    made: "list[Fake]"
    error = b""

    def __init__(self) -> None:
        self.may_start, self.may_answer = threading.Event(), threading.Event()
        self.alive, self.events = True, list[bytes]()
        Fake.made.append(self)

    def start(self, seconds: float) -> bool:
        return self.may_start.wait(seconds)

    def invoke(self, event: bytes, seconds: float) -> Outcome:
        self.events.append(event)
        assert self.may_answer.wait(seconds)
        self.may_answer.clear()
        return Outcome(event)

    def settle(self) -> None:
        """It is ready for the next at once."""

    def end(self) -> None:
        self.alive = False
        self.may_start.set()
        self.may_answer.set()


class Requests:
    """Requests to a pool, each in a thread of its own."""

    def __init__(self, limit: int) -> None:
        self.pool = Pool(Fake, limit, print, at_once=2)
        self.outcomes: dict[bytes, Outcome] = {}

    def send(self, name: bytes, seconds: float = 30) -> None:
        """Send one, and return when it is on its way."""
        before = self.pool._requests

        def ask() -> None:
            self.outcomes[name] = self.pool.invoke(name, seconds)

        threading.Thread(target=ask, daemon=True).start()
        until(lambda: self.pool._requests > before or name in self.outcomes)


@pytest.fixture(autouse=True)
def fakes() -> list[Fake]:
    """The environments of a test. Two may start at once, whatever this machine has."""
    Fake.made = []
    return Fake.made


def test_no_more_start_at_once_and_who_waits_is_served_in_turn(fakes: list[Fake]) -> None:
    """Five requests start two environments; the first that is free takes who waits longest."""
    requests = Requests(5)
    for name in (b"1", b"2", b"3", b"4", b"5"):
        requests.send(name)
        until(lambda: len(requests.pool._waiting) + len(fakes) == requests.pool._requests)
    assert len(fakes) == 2
    first = fakes[0]
    first.may_start.set()
    until(lambda: first.events)
    # A place to start is free again: the third request has it.
    until(lambda: len(fakes) == 3)
    for waiting in (1, 0):
        first.may_answer.set()
        until(lambda: len(requests.pool._waiting) == waiting)  # noqa: B023 - called at once
    until(lambda: len(first.events) == 3)
    assert first.events == [b"1", b"4", b"5"]
    requests.pool.end()


def test_what_exceeds_the_limit_is_refused(fakes: list[Fake]) -> None:
    """As many as the limit are on their way, started or waiting; one more is too many."""
    requests = Requests(3)
    for name in (b"1", b"2", b"3"):
        requests.send(name)
    assert requests.pool.invoke(b"4", 30) == Outcome(problem="busy")
    assert len(fakes) == 2
    requests.pool.end()


def test_who_waits_too_long_is_late(fakes: list[Fake]) -> None:
    """And gives its place up."""
    requests = Requests(3)
    requests.send(b"1")
    requests.send(b"2")
    assert requests.pool.invoke(b"3", 0.05) == Outcome(problem="late")
    assert not requests.pool._waiting
    assert len(fakes) == 2
    requests.pool.end()


def test_who_waits_during_a_reload_is_sent_on(fakes: list[Fake]) -> None:
    """What is on its way is answered; who has no environment yet goes to the new ones."""
    requests = Requests(3)
    for name in (b"1", b"2", b"3"):
        requests.send(name)
    until(lambda: requests.pool._waiting)
    retiring = threading.Thread(target=requests.pool.retire, daemon=True)
    retiring.start()
    until(lambda: b"3" in requests.outcomes)
    assert requests.outcomes == {b"3": Outcome(problem="retired")}
    for fake in fakes:
        fake.may_start.set()
        fake.may_answer.set()
    retiring.join(30)
    assert requests.outcomes[b"1"] == Outcome(b"1")
    assert requests.outcomes[b"2"] == Outcome(b"2")
    assert not any(fake.alive for fake in fakes)

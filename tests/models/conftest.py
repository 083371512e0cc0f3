"""One fork server a worker, and the counts at the end."""

from collections import Counter
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.models.client import Server

_OUTCOME = "outcome"


@pytest.fixture(scope="session")
def server() -> "Iterator[Server]":
    """A process that has imported the libraries, and forks for each line."""
    from tests.models.client import Server

    started = Server()
    yield started
    started.close()


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(terminalreporter: Any) -> Generator[None]:
    """Print "N models: A exact, B clear refusal, C anything else" as the last output."""
    yield
    reports = [one for group in terminalreporter.stats.values() for one in group]
    found = [
        dict(one.user_properties)
        for one in reports
        if getattr(one, "when", "") == "call" and _OUTCOME in dict(one.user_properties)
    ]
    if not found:
        return
    counts = Counter(one[_OUTCOME] for one in found)
    kinds = ("exact", "clear refusal", "anything else")
    requests = sum(one["requests"] for one in found)
    for one in found:
        if one[_OUTCOME] == "anything else":
            terminalreporter.write_line(f"anything else: {one['line']}: {one['said']}")
    told = ", ".join(f"{counts[kind]} {kind}" for kind in kinds)
    terminalreporter.write_line(f"{len(found)} models: {told} ({requests} requests)")

"""Answers that are cut on the wire: botocore's own retries meet what the first attempt made."""

from collections.abc import Iterator

import pytest

from tests.faults.operations import BY_NAME
from tests.faults.proxy import Proxy, proxy
from tests.faults.trial import reference, try_out
from tests.faults.world import World, world


@pytest.fixture(scope="module")
def cutter() -> Iterator[Proxy]:
    """A moto server behind a proxy."""
    with proxy() as found:
        yield found


@pytest.fixture(scope="module")
def remote(cutter: Proxy) -> Iterator[World]:
    """A world whose AWS is behind the proxy."""
    with world(cutter.url) as found:
        found.aws.around = cutter.notice
        found.aws.take_lost = cutter.take_lost
        yield found


@pytest.mark.parametrize("name", ["first deploy", "new model", "function added", "destroy"])
def test_an_answer_that_is_cut_on_the_wire_makes_nothing_twice(
    name: str, remote: World, cutter: Proxy
) -> None:
    """At every change: the run succeeds or is run again, and all is as undisturbed."""
    undisturbed = reference(remote, BY_NAME[name])
    changes = sum(mutating for _, mutating in undisturbed.calls)
    cut, problems = 0, []
    for change in range(1, changes + 1):
        cutter.cut_at(0)
        remote.begin(undisturbed.operation)
        cutter.cut_at(change)
        result = try_out(remote, undisturbed, [], begun=True)
        problems += [f"change {change}: {one}" for one in result.problems]
        cut += cutter.cut
    assert problems == []
    assert cut

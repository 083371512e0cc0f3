"""A sample of `make faults`: all of it for two operations, some of it for the others."""

from collections.abc import Iterator

import pytest

from tests.faults.jobs import Bench, Job, crashes, seeded
from tests.faults.operations import OPERATIONS
from tests.faults.world import world

_WHOLE = ("first deploy", "new model")
_PARTS = 4
_STRIDE = 17
_STORMS, _DOUBLES, _RIVALS = 12, 12, 3
_SEEDED = seeded(_STORMS, _DOUBLES, _RIVALS)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """One world for all trials of this module."""
    with world() as found:
        yield Bench(found)


def failures(bench: Bench, jobs: list[Job]) -> list[str]:
    """Return what was wrong, with the line that repeats it."""
    assert jobs
    results = [(job, bench.do(job)) for job in jobs]
    return [f"{job.line}: {'; '.join(one.problems)}" for job, one in results if one.problems]


@pytest.mark.parametrize("part", range(_PARTS))
@pytest.mark.parametrize("name", _WHOLE)
def test_a_run_that_is_disturbed_at_any_call_is_finished_by_the_next(
    bench: Bench, name: str, part: int
) -> None:
    """Dead before or after a call, or its answer lost: served all along, in the end as undisturbed.

    One more run changes nothing.
    """
    assert failures(bench, crashes(bench.reference(name))[part::_PARTS]) == []


@pytest.mark.parametrize("name", [one.name for one in OPERATIONS if one.name not in _WHOLE])
def test_the_other_operations_are_finished_by_the_next_run_as_well(bench: Bench, name: str) -> None:
    """The same for some of their calls; `make faults` takes every one."""
    assert failures(bench, crashes(bench.reference(name))[::_STRIDE]) == []


def test_a_storm_ends_in_success_or_in_something_that_can_be_run_again(bench: Bench) -> None:
    """Throttling, 5xx, timeouts, lost answers, expired tokens: then a calm run converges."""
    assert failures(bench, [job for job in _SEEDED if job.what == "storm"]) == []


def test_two_crashes_in_a_row_are_no_worse_than_one(bench: Bench) -> None:
    """Anywhere in the first run and anywhere in the second."""
    assert failures(bench, [job for job in _SEEDED if job.what == "double"]) == []


def test_two_deploys_at_once_end_with_one_of_the_two(bench: Bench) -> None:
    """Call by call in turn: no mixed release; the loser hears of another deploy."""
    assert failures(bench, [job for job in _SEEDED if "rivals" in job.what]) == []

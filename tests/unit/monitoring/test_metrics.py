"""What CloudWatch's figures say: from when on a request is slow, and each version's minutes."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from mldeploy.monitoring.evidence import Minute
from mldeploy.monitoring.metrics import Values, limit_of, minutes_of, whole_minutes

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

LIMITS: dict[str, tuple[list[tuple[float, float]], float | None]] = {
    "half as long again as the p95, and 20 ms": ([(100.0, 40.0)], 80.0),
    "a p95 counts by its requests": ([(90.0, 40.0), (10.0, 140.0)], 95.0),
    "too few requests say nothing": ([(30.0, 40.0), (19.0, 40.0)], None),
    "enough of them together do": ([(30.0, 40.0), (20.0, 40.0)], 80.0),
    "none say nothing": ([], None),
}


@pytest.mark.parametrize("case", LIMITS)
def test_from_when_on_a_request_is_slow(case: str) -> None:
    """With 50 requests that are needed."""
    known, limit = LIMITS[case]
    found = limit_of(known, 50)
    assert found == (None if limit is None else pytest.approx(limit))


SPANS = {
    "the broken first minute is left out": ("12:00:30", "12:05:00", "12:01:00", "12:04:00"),
    "a whole one isn't": ("12:00:00", "12:05:00", "12:00:00", "12:04:00"),
    "a minute is read when it is over for one": ("12:00:00", "12:04:59", "12:00:00", "12:03:00"),
    "at first there is none": ("12:00:30", "12:00:40", "12:01:00", "12:01:00"),
}


@pytest.mark.parametrize("case", SPANS)
def test_which_minutes_are_read(case: str) -> None:
    """From a canary's start until now."""
    start, now, first, last = (
        datetime.fromisoformat(f"2026-03-01T{one}+00:00") for one in SPANS[case]
    )
    assert whole_minutes(start, now) == (first, last)


MINUTES: dict[str, tuple[Values, int, Minute]] = {
    "a minute without data had no request": ({}, 0, Minute(0, 0, 0)),
    "requests, errors, and those that weren't fast": (
        {"n_requests": {START: 200.0}, "n_errors": {START: 3.0}, "n_fast": {START: 95.0}},
        0,
        Minute(200, 3, 10),
    ),
    "failures that the endpoint answered count as well": (
        {"n_requests": {START: 200.0}, "n_errors": {START: 3.0}}, 4, Minute(200, 7, 0),
    ),
    "no more failed than there were": (
        {"n_requests": {START: 2.0}, "n_errors": {START: 2.0}}, 1, Minute(2, 2, 0),
    ),
    "a share above all is none": (
        {"n_requests": {START: 10.0}, "n_fast": {START: 110.0}}, 0, Minute(10, 0, 0),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MINUTES)
def test_a_version_s_minute(case: str) -> None:
    """Out of CloudWatch's values, and of the failures in the log."""
    values, logged, minute = MINUTES[case]
    found: Values = {"n_requests": {}, "n_errors": {}, **values}
    later = START + timedelta(minutes=1)
    assert minutes_of("n", found, Counter({START: logged}), [START, later]) == (minute, Minute())

"""What the embedded CloudWatch knows of functions."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from mldeploy.embedded.metrics import JsonPattern, Metrics, Request

START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 1, tzinfo=UTC)


def asked(metrics: Metrics, metric: str, stat: str, period: int = 3600, **dimensions: str) -> Any:
    given = {"FunctionName": "f", "Resource": "f:live", "ExecutedVersion": "2", **dimensions}
    named = [{"Name": name, "Value": value} for name, value in given.items() if value]
    query = {
        "Id": "m",
        "MetricStat": {
            "Metric": {"MetricName": metric, "Dimensions": named},
            "Period": period,
            "Stat": stat,
        },
    }
    return metrics.answer(query, START, END)["values"]


def test_requests_are_counted_by_alias_and_version() -> None:
    """Sums and a percentile of the time that was asked for; no data is an empty list."""
    metrics = Metrics()
    for number in range(100):
        at = START.timestamp() + number
        metrics.record("f", "live", "2", Request(at, float(number), failed=number < 3))
    metrics.record("f", "live", "1", Request(START.timestamp(), 1.0, failed=True))
    metrics.record("f", "live", "2", Request(END.timestamp() + 1, 1.0, failed=True))
    assert asked(metrics, "Invocations", "Sum") == [100.0]
    assert asked(metrics, "Errors", "Sum") == [3.0]
    assert asked(metrics, "Duration", "p95") == [95.0]
    assert asked(metrics, "Invocations", "Sum", ExecutedVersion="1") == [1.0]
    assert asked(metrics, "Invocations", "Sum", Resource="f:other") == []
    assert asked(metrics, "Throttles", "Sum") == []


def test_each_period_has_its_value_and_the_latest_comes_first() -> None:
    """As GetMetricData's: a minute without data isn't there; PR(:x) is the percentage up to x."""
    metrics = Metrics()
    for minute, milliseconds in ((0, 10.0), (0, 20.0), (0, 30.0), (0, 40.0), (2, 20.0)):
        at = START.timestamp() + 60 * minute
        metrics.record("f", "live", "2", Request(at, milliseconds, failed=False))
    metrics.record("f", "live", "1", Request(START.timestamp() + 61, 99.0, failed=False))
    assert asked(metrics, "Invocations", "Sum", 60) == [1.0, 4.0]
    assert asked(metrics, "Duration", "PR(:20.000)", 60) == [100.0, 50.0]
    assert asked(metrics, "Duration", "SampleCount", 60, ExecutedVersion="") == [1.0, 1.0, 4.0]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ({"release": "r", "status": 500}, True),
        ({"release": "r", "status": 503.0}, True),
        ({"release": "r", "status": 499}, False),
        ({"release": "q", "status": 500}, False),
        ({"release": "r", "status": "500"}, False),
        ({"release": "r"}, False),
        ([1], False),
    ],
)
def test_a_pattern_finds_json_lines(line: Any, found: bool) -> None:  # noqa: FBT001
    """All of its terms have to hold, with values of the same kind."""
    pattern = JsonPattern('{ $.release = "r" && $.status >= 500 }')
    assert pattern.matches(json.dumps(line)) is found


def test_a_pattern_that_isnt_known_finds_nothing() -> None:
    """Rather than every line."""
    assert not JsonPattern('{ $.a = "x" || $.b = 1 }').matches('{"a": "x", "b": 1}')
    assert not JsonPattern('{ $.a = "x" }').matches("START RequestId: 1")

"""Reads CloudWatch's metrics per minute of the versions behind an alias."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from mldeploy.facts.thresholds import SETTLED, SLACK_MS, SLOWER
from mldeploy.monitoring.evidence import Look, Minute
from mldeploy.monitoring.logs import read_events
from mldeploy.resources.base import Context
from mldeploy.resources.lambda_state import ALIAS

ACTIONS = ("cloudwatch:GetMetricData",)
_MINUTE, _PERIOD = 60, 300
Values = dict[str, dict[datetime, float]]


@dataclass(frozen=True)
class Version:
    """A version behind an alias: its number and its release."""

    number: str
    release: str


def slow_limit(function: str, before: datetime, least: int, context: Context) -> float | None:
    """Return the milliseconds above which a request is slow, by the alias's p95 of a day.

    The p95 is the mean of five-minute values, weighted by their requests. None if there were
    fewer than `least` requests in the last day.

    The limit is fixed before the first compared request, so that shares of slow requests can be
    compared. Lambda reports Duration without the time that a new environment takes to start
    (developer guide, "Types of metrics for Lambda functions").
    """
    end = datetime.fromtimestamp(before.timestamp() // _PERIOD * _PERIOD, UTC)
    metric = _Metric(function, "")
    found = _read(
        [metric.query("n", "Duration", "SampleCount"), metric.query("p", "Duration", "p95")],
        (end - timedelta(days=1), end),
        _PERIOD,
        context,
    )
    known = [(count, found["p"][at]) for at, count in found["n"].items() if at in found["p"]]
    return limit_of(known, least)


def limit_of(known: Sequence[tuple[float, float]], least: int) -> float | None:
    """Return the milliseconds above which a request is slow, or None for too few requests.

    Args:
        known: (requests, p95 in milliseconds) per five minutes.
        least: minimum number of requests.
    """
    requests = sum(count for count, _ in known)
    if requests < least:
        return None
    p95 = sum(count * value for count, value in known) / requests
    return p95 * SLOWER + SLACK_MS


def look(
    function: str,
    versions: tuple[Version, Version],
    span: tuple[datetime, datetime],
    limit: float | None,
    context: Context,
) -> Look:
    """Return the minutes of the old and the new version.

    Lambda reports metrics per version of a weighted alias under the dimensions FunctionName,
    Resource (function:alias) and ExecutedVersion (Lambda developer guide, "Types of metrics for
    Lambda functions"). It counts only raised errors; 5xx responses of the endpoint are counted from
    its log lines. PR(:x) is the percentage of values up to x
    (CloudWatch user guide, "CloudWatch statistics definitions").

    Args:
        function: its name.
        versions: the old one and the new one.
        span: the canary's start, and now; whole minutes between them are read.
        limit: from `slow_limit`.
        context: for CloudWatch.
    """
    since, until = whole_minutes(*span)
    moments = [
        since + timedelta(seconds=_MINUTE * number)
        for number in range(int((until - since).total_seconds()) // _MINUTE)
    ]
    if not moments:
        return Look(limit=limit)
    queries = [
        query
        for name, version in zip("on", versions, strict=True)
        for query in _queries(name, _Metric(function, version.number), limit)
    ]
    found = _read(queries, (since, until), _MINUTE, context)
    failures = [_logged_failures(function, one.release, since, context) for one in versions]
    old, new = (
        minutes_of(name, found, logged, moments)
        for name, logged in zip("on", failures, strict=True)
    )
    return Look(old, new, limit)


def whole_minutes(start: datetime, now: datetime) -> tuple[datetime, datetime]:
    """Return the begin and end of a canary's whole minutes with complete metrics.

    CloudWatch's minutes are clock minutes; in the first, partial one the versions didn't have
    their shares throughout.
    """
    since = _floor(start + timedelta(seconds=_MINUTE) - timedelta(microseconds=1))
    return since, max(since, _floor(now - SETTLED))


def _floor(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


@dataclass(frozen=True)
class _Metric:
    """A function's metrics behind the alias; of all versions if `version` is ""."""

    function: str
    version: str

    def query(self, name: str, metric: str, statistic: str) -> dict[str, Any]:
        dimensions = {"FunctionName": self.function, "Resource": f"{self.function}:{ALIAS}"}
        if self.version:
            dimensions["ExecutedVersion"] = self.version
        given = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        which = {"Namespace": "AWS/Lambda", "MetricName": metric, "Dimensions": given}
        return {"Id": name, "MetricStat": {"Metric": which, "Stat": statistic}}


def _queries(name: str, metric: _Metric, limit: float | None) -> Iterable[dict[str, Any]]:
    yield metric.query(f"{name}_requests", "Invocations", "Sum")
    yield metric.query(f"{name}_errors", "Errors", "Sum")
    if limit is not None:
        yield metric.query(f"{name}_fast", "Duration", f"PR(:{limit:.3f})")


def _read(
    queries: Sequence[dict[str, Any]],
    span: tuple[datetime, datetime],
    period: int,
    context: Context,
) -> Values:
    """Return the values of each query by time; CloudWatch omits times without data."""
    for query in queries:
        query["MetricStat"]["Period"] = period
    found: Values = {query["Id"]: {} for query in queries}
    pages = context.clients.client("cloudwatch").get_paginator("get_metric_data")
    for page in pages.paginate(MetricDataQueries=queries, StartTime=span[0], EndTime=span[1]):
        for one in page["MetricDataResults"]:
            times = [moment.astimezone(UTC) for moment in one["Timestamps"]]
            found[one["Id"]].update(zip(times, one["Values"], strict=True))
    return found


def minutes_of(
    name: str, found: Values, logged: Counter[datetime], moments: Sequence[datetime]
) -> tuple[Minute, ...]:
    """Return a version's minutes from CloudWatch's responses.

    Args:
        name: prefix of the version's queries.
        found: the values of each query; minutes without data are missing.
        logged: errors that the endpoint returned and logged.
        moments: the minutes.
    """
    minutes = []
    for moment in moments:
        requests = round(found[f"{name}_requests"].get(moment, 0.0))
        failed = round(found[f"{name}_errors"].get(moment, 0.0)) + logged[moment]
        fast = found.get(f"{name}_fast", {}).get(moment, 100.0)
        slow = round(requests * (100.0 - fast) / 100.0)
        minutes.append(Minute(requests, min(failed, requests), min(max(slow, 0), requests)))
    return tuple(minutes)


def _logged_failures(
    function: str, release: str, since: datetime, context: Context
) -> Counter[datetime]:
    """Return the number of a release's 5xx responses by minute, from its logs."""
    pattern = f'{{ $.release = "{release}" && $.status >= 500 }}'
    events = read_events([function], since, pattern, context)
    seconds = (math.floor(one.timestamp / 1000) for one in events)
    return Counter(_floor(datetime.fromtimestamp(one, UTC)) for one in seconds)

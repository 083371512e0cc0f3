"""CloudWatch's metrics of functions, and filter patterns for JSON log lines."""

import json
import operator
import re
import threading
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

NAMESPACE = "AWS/Lambda"
_DIMENSIONS = ("FunctionName", "Resource", "ExecutedVersion")
_MOST = 100_000
"""Requests stored per version."""


@dataclass(frozen=True)
class Request:
    """A finished request. `at`: seconds since 1970."""

    at: float
    milliseconds: float
    failed: bool


class Metrics:
    """Invocations, Errors and Duration of the versions behind aliases.

    Source: Lambda developer guide, "Types of metrics for Lambda functions".
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: dict[tuple[str, ...], list[Request]] = defaultdict(list)

    def record(self, function: str, qualifier: str, version: str, request: Request) -> None:
        """Record a request."""
        with self._lock:
            kept = self._requests[function, f"{function}:{qualifier}", version]
            kept.append(request)
            del kept[:-_MOST]

    def answer(self, query: dict[str, Any], start: datetime, end: datetime) -> dict[str, Any]:
        """Return GetMetricData's result for a query: one value per period with data.

        The latest comes first (GetMetricData API reference, `ScanBy`). Without ExecutedVersion
        the result covers all versions behind the alias.
        """
        stat = query["MetricStat"]
        metric, period = stat["Metric"], int(stat["Period"])
        given = {one["Name"]: one["Value"] for one in metric.get("Dimensions", [])}
        wanted = tuple(given.get(name, "") for name in _DIMENSIONS)
        with self._lock:
            known = [
                request
                for key, requests in self._requests.items()
                if key == wanted or (key[:2], "") == (wanted[:2], wanted[2])
                for request in requests
            ]
        periods: dict[float, list[Request]] = defaultdict(list)
        for one in known:
            if start.timestamp() <= one.at < end.timestamp():
                periods[one.at // period * period].append(one)
        values = {
            at: value
            for at, found in sorted(periods.items(), reverse=True)
            if (value := _value(metric["MetricName"], stat["Stat"], found)) is not None
        }
        return {
            "id": query["Id"],
            "label": query.get("Label") or f"{metric['MetricName']} {stat['Stat']}",
            "values": list(values.values()),
            "timestamps": [datetime.fromtimestamp(at, UTC) for at in values],
            "status_code": "Complete",
        }


_UP_TO = re.compile(r"PR\(:(\d+(?:\.\d+)?)\)")


def _value(metric: str, stat: str, found: list[Request]) -> float | None:
    """Return a statistic, where PR(:x) is a percentage.

    Source: CloudWatch user guide, "CloudWatch statistics definitions".
    """
    took = sorted(one.milliseconds for one in found)
    match metric, stat:
        case ("Invocations", "Sum") | ("Duration", "SampleCount"):
            return float(len(found))
        case "Errors", "Sum":
            return float(sum(one.failed for one in found))
        case "Duration", percentile if re.fullmatch(r"p\d\d", percentile):
            place = int(len(took) * int(percentile[1:]) / 100)
            return took[min(place, len(took) - 1)]
        case "Duration", rank if up_to := _UP_TO.fullmatch(rank):
            return 100.0 * sum(one <= float(up_to[1]) for one in took) / len(took)
        case _:
            return None


_TERM = re.compile(r"""\$\.(\w+)\s*(=|!=|>=|<=|>|<)\s*("[^"]*"|-?[\d.]+)""")
_COMPARED = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


class JsonPattern:
    """A filter pattern such as `{ $.release = "x" && $.status >= 500 }`.

    Source: CloudWatch Logs user guide, "Filter pattern syntax".
    """

    def __init__(self, pattern: str) -> None:
        parts = pattern.strip()[1:-1].split("&&")
        found = [_TERM.fullmatch(one.strip()) for one in parts]
        self._terms = [one.groups() for one in found if one is not None]
        self._known = len(self._terms) == len(parts)

    def matches(self, message: str) -> bool:
        """Return whether a JSON line matches the pattern."""
        try:
            line = json.loads(message)
        except ValueError:
            return False
        return (
            self._known
            and isinstance(line, dict)
            and all(_holds(line.get(name), sign, value) for name, sign, value in self._terms)
        )


def _holds(found: Any, sign: str, value: str) -> bool:
    wanted = json.loads(value)
    return type(found) in _KINDS[type(wanted)] and bool(_COMPARED[sign](found, wanted))


_KINDS = {str: (str,), int: (int, float), float: (int, float)}

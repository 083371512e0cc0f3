"""What CloudWatch knows of a version that an alias sends requests to."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime

from mldeploy.log_events import read_events
from mldeploy.resources.base import Context
from mldeploy.resources.lambda_state import ALIAS

ACTIONS = ("cloudwatch:GetMetricData",)
_STATISTICS = (("Invocations", "Sum"), ("Errors", "Sum"), ("Duration", "p95"))


@dataclass(frozen=True)
class Figures:
    """Requests of a version in a while. `p95` in milliseconds, None where nobody knows."""

    requests: int = 0
    errors: int = 0
    p95: float | None = None

    @property
    def error_rate(self) -> float:
        """The share of the requests that failed."""
        return self.errors / self.requests if self.requests else 0.0

    def __str__(self) -> str:
        """Return the figures for people."""
        p95 = "unknown" if self.p95 is None else f"{self.p95:.0f} ms"
        return f"{self.requests} requests, {self.errors} failed, p95 {p95}"


def figures(
    function: str, version: str, release: str, since: datetime, context: Context
) -> Figures:
    """Read what CloudWatch has of a version since a time.

    Lambda reports per version of a weighted alias under the dimensions FunctionName, Resource
    (function:alias) and ExecutedVersion (Lambda developer guide, "Types of metrics for Lambda
    functions"). It counts as errors only what the function raised; a 5xx that the endpoint
    answered is in its log line.
    """
    now = datetime.now(UTC)
    period = max(60, math.ceil((now - since).total_seconds() / 60) * 60)
    dimensions = {
        "FunctionName": function,
        "Resource": f"{function}:{ALIAS}",
        "ExecutedVersion": version,
    }
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    answer = context.clients.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": f"m{number}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/Lambda",
                        "MetricName": metric,
                        "Dimensions": named,
                    },
                    "Period": period,
                    "Stat": statistic,
                },
            }
            for number, (metric, statistic) in enumerate(_STATISTICS)
        ],
        StartTime=since,
        EndTime=now,
    )
    found = {one["Id"]: one["Values"] for one in answer["MetricDataResults"]}
    p95 = found.get("m2", [])
    return Figures(
        int(sum(found.get("m0", []))),
        int(sum(found.get("m1", []))) + _logged_failures(function, release, since, context),
        float(max(p95)) if p95 else None,
    )


def _logged_failures(function: str, release: str, since: datetime, context: Context) -> int:
    """Count the endpoint's own answers of 5xx of a release."""
    pattern = f'{{ $.release = "{release}" && $.status >= 500 }}'
    return sum(1 for _ in read_events([function], since, pattern, context))

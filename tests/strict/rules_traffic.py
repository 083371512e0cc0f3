"""What CloudWatch knows of the requests that a test's runtime has answered.

moto 5.2.5 knows no percentiles in GetMetricData and no JSON patterns in FilterLogEvents.
"""

import re
from datetime import UTC, datetime
from typing import Any

from moto.backends import get_backend

from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION, Call, RefusedError, after, before
from tests.strict.state import Answered

_RANK = re.compile(r"PR\(:(\d+(?:\.\d+)?)\)")
_TERMS = re.compile(r'(?:[?-]?(?:\w+|"(?:[^"\\]|\\.)*")\s*)+')
_JSON_PATTERN = re.compile(r'\{ \$\.release = "(\w*)" && \$\.status >= 500 \}')


@before("cloudwatch:GetMetricData")
def lambda_reports_by_version(aws: StrictAws, call: Call) -> dict[str, Any]:
    """Invocations, Errors and Duration under FunctionName, Resource and ExecutedVersion.

    Lambda developer guide, "Types of metrics for Lambda functions": ExecutedVersion goes with
    the alias as Resource. GetMetricData API reference: no data is an empty list, and a period
    of more than 60 s is a multiple of 60.
    """
    start, end = call.params["StartTime"].timestamp(), call.params["EndTime"].timestamp()
    results = []
    for query in call.params["MetricDataQueries"]:
        stat = query["MetricStat"]
        metric, period = stat["Metric"], stat["Period"]
        dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
        if period % 60 or metric["Namespace"] != "AWS/Lambda":
            raise RefusedError("ValidationError", "no such metric or period")
        name, version = dimensions.pop("FunctionName"), dimensions.pop("ExecutedVersion", None)
        if dimensions != {"Resource": f"{name}:live"}:
            raise RefusedError("ValidationError", "no such dimensions")
        known = [
            one
            for which, answered in aws.state.traffic.items()
            if which[0] == name and version in {None, which[1]}
            for one in answered
        ]
        # The latest first, unless ScanBy says otherwise; what has no data isn't there.
        times = sorted({one.at // period * period for one in known}, reverse=True)
        inside = [at for at in times if start <= at < end]
        values = [
            _value(
                metric["MetricName"],
                stat["Stat"],
                [o for o in known if o.at // period * period == at],
            )
            for at in inside
        ]
        results.append(
            {
                "Id": query["Id"],
                "Values": values,
                "Timestamps": [datetime.fromtimestamp(at, UTC) for at in inside],
                "StatusCode": "Complete",
            }
        )
    return {"MetricDataResults": results}


def _value(metric: str, stat: str, answered: list[Answered]) -> float:
    took = sorted(one.milliseconds for one in answered)
    match metric, stat:
        case ("Invocations", "Sum") | ("Duration", "SampleCount"):
            return float(len(answered))
        case "Errors", "Sum":
            return float(sum(one.status == 0 for one in answered))
        case "Duration", "p95":
            return took[min(len(took) - 1, int(len(took) * 0.95))]
        case "Duration", rank if found := _RANK.fullmatch(rank):
            # CloudWatch user guide, "CloudWatch statistics definitions": percent of the values
            # that are equal to or below the bound.
            return 100.0 * sum(one <= float(found[1]) for one in took) / len(took)
    raise RefusedError("ValidationError", f"{metric} {stat} isn't known here")


@after("logs:FilterLogEvents")
def a_group_is_read_in_pages(aws: StrictAws, call: Call, parsed: dict[str, Any]) -> None:
    """Sorted by time, whatever the stream; a page may be empty and not be the last.

    FilterLogEvents API reference: `nextToken`, and "interleaved" is always true.
    """
    pattern = call.params.get("filterPattern", "")
    if pattern.startswith("{"):
        return
    token, since = call.params.get("nextToken"), call.params["startTime"]
    parsed.pop("nextToken", None)
    if token is None:
        parsed.update(events=[], nextToken="first")
        return
    events, following, _ = get_backend("logs")[ACCOUNT][REGION].filter_log_events(
        call.params["logGroupName"],
        [],
        since,
        2**53,
        aws.state.page,
        None if token == "first" else token,
        pattern,
        interleaved=True,
    )
    parsed.update(events=events, **({"nextToken": following} if following else {}))


@before("logs:FilterLogEvents")
def a_pattern_finds_json_lines(aws: StrictAws, call: Call) -> dict[str, Any] | None:
    """The endpoint's log lines with a release and a status of 5xx; terms are left to moto.

    CloudWatch Logs user guide, "Filter pattern syntax": { $.a = "x" && $.b >= 1 }, and what
    isn't alphanumeric stands in quotes.
    """
    pattern = call.params.get("filterPattern", "")
    if not pattern or _TERMS.fullmatch(pattern):
        return None
    found = _JSON_PATTERN.fullmatch(pattern)
    if found is None:
        raise RefusedError("InvalidParameterException", "Invalid filter pattern")
    name = call.params["logGroupName"].removeprefix("/aws/lambda/")
    events = [
        {"message": "a line of the endpoint", "timestamp": int(one.at * 1000)}
        for one in aws.state.logged.get((name, found[1]), [])
        if one.status >= 500 and one.at * 1000 >= call.params["startTime"]
    ]
    return {"events": events}

"""What CloudWatch knows of the requests that a test's runtime has answered.

moto 5.2.5 knows no percentiles in GetMetricData and no JSON patterns in FilterLogEvents.
"""

import re
from typing import Any

from moto.backends import get_backend

from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION, Call, RefusedError, after, before

_TERMS = re.compile(r'(?:[?-]?(?:\w+|"(?:[^"\\]|\\.)*")\s*)+')
_JSON_PATTERN = re.compile(r'\{ \$\.release = "(\w*)" && \$\.status >= 500 \}')


@before("cloudwatch:GetMetricData")
def lambda_reports_by_version(aws: StrictAws, call: Call) -> dict[str, Any]:
    """Invocations, Errors and Duration under FunctionName, Resource and ExecutedVersion.

    Lambda developer guide, "Types of metrics for Lambda functions": ExecutedVersion goes with
    the alias as Resource. GetMetricData API reference: no data is an empty list, and a period
    of more than 60 s is a multiple of 60.
    """
    results = []
    for query in call.params["MetricDataQueries"]:
        stat = query["MetricStat"]
        metric = stat["Metric"]
        dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
        if stat["Period"] % 60 or metric["Namespace"] != "AWS/Lambda":
            raise RefusedError("ValidationError", "no such metric or period")
        name, version = dimensions.pop("FunctionName"), dimensions.pop("ExecutedVersion")
        if dimensions != {"Resource": f"{name}:live"}:
            raise RefusedError("ValidationError", "no such dimensions")
        answered = aws.state.traffic.get((name, version), [])
        values = _values(metric["MetricName"], stat["Stat"], answered)
        results.append({"Id": query["Id"], "Values": values, "StatusCode": "Complete"})
    return {"MetricDataResults": results}


def _values(metric: str, stat: str, answered: list[tuple[int, float]]) -> list[float]:
    if not answered:
        return []
    match metric, stat:
        case "Invocations", "Sum":
            return [float(len(answered))]
        case "Errors", "Sum":
            return [float(sum(status == 0 for status, _ in answered))]
        case "Duration", "p95":
            took = sorted(milliseconds for _, milliseconds in answered)
            return [took[min(len(took) - 1, int(len(took) * 0.95))]]
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
        {"message": "a line of the endpoint", "timestamp": 1}
        for status in aws.state.logged.get((name, found[1]), [])
        if status >= 500
    ]
    return {"events": events}

"""What CloudWatch knows of the requests that a test's runtime has answered.

moto 5.2.5 knows no percentiles in GetMetricData and no JSON patterns in FilterLogEvents.
"""

import re
from typing import Any

from tests.strict.aws import StrictAws
from tests.strict.calls import Call, RefusedError, before

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


@before("logs:FilterLogEvents")
def a_pattern_finds_json_lines(aws: StrictAws, call: Call) -> dict[str, Any]:
    """The endpoint's log lines with a release and a status of 5xx.

    CloudWatch Logs user guide, "Filter pattern syntax": { $.a = "x" && $.b >= 1 }.
    """
    found = _JSON_PATTERN.fullmatch(call.params["filterPattern"])
    if found is None:
        raise RefusedError("InvalidParameterException", "Invalid filter pattern")
    name = call.params["logGroupName"].removeprefix("/aws/lambda/")
    events = [
        {"message": "a line of the endpoint"}
        for status in aws.state.logged.get((name, found[1]), [])
        if status >= 500
    ]
    return {"events": events}

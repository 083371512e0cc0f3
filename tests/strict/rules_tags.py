"""Tags in calls that AWS ignores where the resource exists, and tags that outlive it in moto 5.2.5.

A repair by such a call would be green here and repair nothing on AWS.
"""

import re
from collections.abc import Callable
from typing import Any

from botocore.model import OperationModel
from moto.backends import get_backend

from tests.strict.aws import StrictAws
from tests.strict.calls import ACCOUNT, REGION, Call, RefusedError, before

IGNORED = re.compile(
    r"existing[^.]*\btags?\b[^.]*\bignored\b|\btags?\b[^.]*existing[^.]*\bignored\b"
)
"""How botocore's models, which have the API references' text, say it."""


def _backend(service: Any) -> Any:
    return get_backend(service)[ACCOUNT][REGION]


EXISTS: dict[str, Callable[[dict[str, Any]], bool]] = {
    "cloudwatch:PutCompositeAlarm": lambda given: (
        given["AlarmName"] in _backend("cloudwatch").alarms
    ),
    "cloudwatch:PutDashboard": lambda given: (
        given["DashboardName"] in _backend("cloudwatch").dashboards
    ),
    "cloudwatch:PutInsightRule": lambda given: (
        given["RuleName"] in _backend("cloudwatch").insight_rules
    ),
    "cloudwatch:PutMetricAlarm": lambda given: given["AlarmName"] in _backend("cloudwatch").alarms,
    "events:PutRule": lambda given: (
        given["Name"] in _backend("events").event_buses["default"].rules
    ),
}
"""Whether what a call writes exists."""


def says_ignored(operation: OperationModel) -> bool:
    """Tell whether an API reference says that tags of an existing resource are ignored."""
    members = operation.input_shape.members if operation.input_shape else {}
    texts = [operation.documentation, *(members[name].documentation for name in members)]
    plain = [" ".join(re.sub(r"<[^>]+>", "", text).split()) for text in texts]
    return "Tags" in members and any(IGNORED.search(text) for text in plain)


def without_ignored(name: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """Return the parameters that AWS obeys, or None if those are all.

    Args:
        name: of the call, such as "events:PutRule".
        params: as the program gives them.
    """
    exists = EXISTS.get(name)
    if "Tags" not in params or exists is None or not exists(params):
        return None
    return {key: value for key, value in params.items() if key != "Tags"}


@before("cloudwatch:DeleteAlarms")
def tags_go_with_their_alarm(_aws: StrictAws, call: Call) -> None:
    """DeleteAlarms API reference: ResourceNotFound; a tag belongs to its resource."""
    backend = _backend("cloudwatch")
    for name in call.params["AlarmNames"]:
        if name not in backend.alarms:
            raise RefusedError("ResourceNotFound", f"alarm {name} does not exist", 404)
        backend.tagger.delete_all_tags_for_resource(backend.alarms[name].alarm_arn)


@before("logs:DeleteLogGroup")
def tags_go_with_their_log_group(_aws: StrictAws, call: Call) -> None:
    """CloudWatch Logs API reference, ListTagsForResource: ResourceNotFoundException after that.

    moto gives the tags to the next group of that name.
    """
    backend = _backend("logs")
    found = backend.groups.get(call.params["logGroupName"])
    if found:
        backend.tagger.delete_all_tags_for_resource(found.arn)

"""Tags that AWS ignores: in each call that a kind makes, and in any that its model says so of."""

from typing import Any

import botocore.session
import pytest
from botocore.model import OperationModel

from mldeploy.resources.kind import actions_of
from mldeploy.resources.kinds import KINDS
from tests.resources.alarm import Alarm
from tests.strict.aws import StrictAws
from tests.strict.examples import refused
from tests.strict.rules_tags import EXISTS, says_ignored

SESSION = botocore.session.get_session()
ONE, OTHER = ([{"Key": "a", "Value": value}] for value in "12")
ALARM = {
    "AlarmName": "a",
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "Namespace": "AWS/Lambda",
    "MetricName": "Errors",
    "Period": 60,
    "Statistic": "Sum",
    "Threshold": 1.0,
}


def operation(name: str) -> OperationModel | None:
    """Return botocore's model of a call such as "events:PutRule", or None if there is none."""
    service, _, called = name.partition(":")
    if service not in SESSION.get_available_services():
        return None
    model = SESSION.get_service_model(service)
    return model.operation_model(called) if called in model.operation_names else None


def test_each_call_whose_tags_are_ignored_is_known() -> None:
    """Of the kinds' calls and an alarm's: the API reference says which, and moto obeys them all."""
    actions = {action for kind in (*KINDS, Alarm) for action in actions_of(kind)}
    found = {name for name in actions for model in [operation(name)] if model}
    ignored = {name for name in found if says_ignored(operation(name))}
    assert len(found) > 40
    assert {"cloudwatch:PutMetricAlarm", "events:PutRule"} <= ignored <= EXISTS.keys()


@pytest.mark.parametrize("name", sorted(EXISTS))
def test_each_rule_has_its_source(name: str) -> None:
    """No tags are ignored of which the API reference doesn't say so."""
    model = operation(name)
    assert model
    assert says_ignored(model)


@pytest.mark.parametrize("tags", [ONE, []])
def test_an_alarm_that_exists_keeps_its_tags(aws: StrictAws, tags: list[dict[str, str]]) -> None:
    """All else is replaced; without any tag it stays without."""
    client = aws.client("cloudwatch")
    client.put_metric_alarm(**ALARM, Tags=tags)
    client.put_metric_alarm(**{**ALARM, "Threshold": 2.0}, Tags=OTHER)
    found = client.describe_alarms(AlarmNames=["a"])["MetricAlarms"][0]
    assert found["Threshold"] == 2.0
    assert tags_of(client, found) == tags


def test_an_alarm_s_tags_go_with_it(aws: StrictAws) -> None:
    """Another alarm of its name has none of them; deleting it twice is refused."""
    client = aws.client("cloudwatch")
    client.put_metric_alarm(**ALARM, Tags=ONE)
    client.delete_alarms(AlarmNames=["a"])
    assert refused(client.delete_alarms, AlarmNames=["a"]) == "ResourceNotFound"
    client.put_metric_alarm(**ALARM)
    assert tags_of(client, client.describe_alarms(AlarmNames=["a"])["MetricAlarms"][0]) == []


def test_a_log_group_s_tags_go_with_it(aws: StrictAws) -> None:
    """Another group of its name has none of them."""
    client = aws.client("logs")
    for tags in ({"a": "1"}, {}):
        client.create_log_group(logGroupName="g", tags=tags)
        arn = client.describe_log_groups()["logGroups"][0]["arn"].removesuffix(":*")
        assert client.list_tags_for_resource(resourceArn=arn)["tags"] == tags
        client.delete_log_group(logGroupName="g")


def tags_of(client: Any, alarm: dict[str, Any]) -> list[dict[str, str]]:
    """Return an alarm's tags."""
    return list(client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"])

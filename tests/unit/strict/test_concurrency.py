"""The strict layer on concurrency and rules: what moto lacks or gets wrong."""

from typing import Any

import pytest

from tests.strict.aws import REGION, StrictAws
from tests.strict.examples import active, published, refused, settle

LIVE = {"FunctionName": "f", "Qualifier": "live"}
ARN = f"arn:aws:events:{REGION}:123456789012:rule/r"


@pytest.fixture
def ready(aws: StrictAws) -> Any:
    """A function with a published version and the alias `live` on it."""
    client = active(aws)
    client.create_alias(FunctionName="f", Name="live", FunctionVersion=published(client))
    return client


@pytest.fixture
def events(aws: StrictAws) -> Any:
    """A rule `r` with one tag."""
    client = aws.client("events")
    tags = [{"Key": "a", "Value": "1"}]
    client.put_rule(Name="r", ScheduleExpression="rate(5 minutes)", Tags=tags)
    return client


def put(client: Any, count: int, **which: Any) -> Any:
    return client.put_provisioned_concurrency_config(
        **{**LIVE, **which}, ProvisionedConcurrentExecutions=count
    )


def test_environments_are_in_progress_first(ready: Any) -> None:
    """IN_PROGRESS at the request and at the first read, then READY."""
    assert put(ready, 2)["Status"] == "IN_PROGRESS"
    found = [ready.get_provisioned_concurrency_config(**LIVE) for _ in range(2)]
    assert [one["Status"] for one in found] == ["IN_PROGRESS", "READY"]
    assert [one["AvailableProvisionedConcurrentExecutions"] for one in found] == [0, 2]
    (listed,) = ready.list_provisioned_concurrency_configs(FunctionName="f")[
        "ProvisionedConcurrencyConfigs"
    ]
    assert listed["FunctionArn"].endswith(":f:live")


def test_environments_may_fail(ready: Any, aws: StrictAws) -> None:
    """FAILED with a reason, after a while."""
    aws.state.unprovisionable = "no room"
    put(ready, 2)
    ready.get_provisioned_concurrency_config(**LIVE)
    found = ready.get_provisioned_concurrency_config(**LIVE)
    assert (found["Status"], found["StatusReason"]) == ("FAILED", "no room")


def test_what_is_not_provisioned_has_an_error_of_its_own(ready: Any) -> None:
    """Reading and removing tell a missing setting from a missing function."""
    missing = "ProvisionedConcurrencyConfigNotFoundException"
    assert refused(ready.get_provisioned_concurrency_config, **LIVE) == missing
    assert refused(ready.delete_provisioned_concurrency_config, **LIVE) == missing
    gone = refused(ready.get_provisioned_concurrency_config, FunctionName="f", Qualifier="other")
    assert gone == "ResourceNotFoundException"


def test_latest_is_never_provisioned(ready: Any) -> None:
    """Versions and aliases only."""
    assert refused(put, ready, 1, Qualifier="$LATEST") == "InvalidParameterValueException"


def test_a_weighted_alias_keeps_what_it_has(ready: Any) -> None:
    """Neither set nor removed while a routing configuration is there."""
    put(ready, 1)
    ready.update_function_configuration(FunctionName="f", Timeout=7)
    settle(ready)
    weights = {"AdditionalVersionWeights": {published(ready): 0.1}}
    ready.update_alias(FunctionName="f", Name="live", RoutingConfig=weights)
    assert refused(put, ready, 2) == "InvalidParameterValueException"
    code = refused(ready.delete_provisioned_concurrency_config, **LIVE)
    assert code == "InvalidParameterValueException"
    ready.update_alias(
        FunctionName="f", Name="live", RoutingConfig={"AdditionalVersionWeights": {}}
    )
    put(ready, 2)


def test_provisioned_stays_within_reserved(ready: Any) -> None:
    """Whichever of the two is set last."""
    reserve = ready.put_function_concurrency
    reserve(FunctionName="f", ReservedConcurrentExecutions=2)
    assert refused(put, ready, 3) == "InvalidParameterValueException"
    put(ready, 2)
    code = refused(reserve, FunctionName="f", ReservedConcurrentExecutions=1)
    assert code == "InvalidParameterValueException"


def test_a_part_of_the_quota_stays_unreserved(ready: Any, aws: StrictAws) -> None:
    """100 executions of the account's are for functions without a reservation."""
    reserve = ready.put_function_concurrency
    reserve(FunctionName="f", ReservedConcurrentExecutions=900)
    aws.state.concurrency_quota = 999
    code = refused(reserve, FunctionName="f", ReservedConcurrentExecutions=900)
    assert code == "InvalidParameterValueException"


def test_environments_go_with_alias_and_function(ready: Any, aws: StrictAws) -> None:
    """Nothing is left of them to be found again."""
    put(ready, 1)
    ready.delete_alias(FunctionName="f", Name="live")
    assert aws.state.provisioned == {}
    ready.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    put(ready, 1)
    ready.delete_function(FunctionName="f")
    assert aws.state.provisioned == {}


def test_a_rule_that_exists_keeps_its_tags(events: Any) -> None:
    """PutRule's tags are for new rules; all else is replaced."""
    other = [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}]
    answer = events.put_rule(Name="r", ScheduleExpression="rate(1 minute)", Tags=other)
    assert answer["RuleArn"] == ARN
    tags = events.list_tags_for_resource(ResourceARN=ARN)["Tags"]
    assert tags == [{"Key": "a", "Value": "1"}]
    assert events.describe_rule(Name="r")["ScheduleExpression"] == "rate(1 minute)"


@pytest.mark.parametrize("rate", ["rate(1 minutes)", "rate(5 minute)"])
def test_a_rate_is_spelt_as_eventbridge_has_it(rate: str, events: Any) -> None:
    """1 minute, else minutes."""
    assert refused(events.put_rule, Name="r", ScheduleExpression=rate) == "ValidationException"


def test_a_rule_has_five_targets_at_most(events: Any) -> None:
    """Those that are there count."""

    def targets(*ids: str) -> dict[str, Any]:
        arn = f"arn:aws:lambda:{REGION}:123456789012:function:f:live"
        return {"Rule": "r", "Targets": [{"Id": one, "Arn": arn} for one in ids]}

    events.put_targets(**targets("1", "2", "3", "4", "5"))
    events.put_targets(**targets("5"))
    assert refused(events.put_targets, **targets("6")) == "LimitExceededException"
    assert refused(events.delete_rule, Name="r") == "ValidationException"


def test_an_alias_with_ready_environments_shifts_bit_by_bit(ready: Any) -> None:
    """All requests stay with the old version at first; nothing can be provisioned meanwhile."""
    put(ready, 1)
    ready.get_provisioned_concurrency_config(**LIVE)
    ready.update_function_configuration(FunctionName="f", Timeout=7)
    settle(ready)
    new = published(ready)
    old = ready.get_alias(FunctionName="f", Name="live")
    ready.update_alias(FunctionName="f", Name="live", FunctionVersion=new)
    assert refused(put, ready, 2) == "InvalidParameterValueException"
    seen = [ready.get_alias(FunctionName="f", Name="live") for _ in range(3)]
    weights = [(one.get("RoutingConfig") or {}).get("AdditionalVersionWeights") for one in seen]
    assert weights[0] == {old["FunctionVersion"]: 1.0}
    assert not weights[-1]
    assert seen[-1]["RevisionId"] != seen[0]["RevisionId"]


def test_a_weighted_alias_wants_one_role(ready: Any) -> None:
    """Two versions of two roles can't share it."""
    ready.update_function_configuration(
        FunctionName="f", Role="arn:aws:iam::123456789012:role/another"
    )
    settle(ready)
    weights = {"AdditionalVersionWeights": {published(ready): 0.1}}
    code = refused(ready.update_alias, FunctionName="f", Name="live", RoutingConfig=weights)
    assert code == "InvalidParameterValueException"

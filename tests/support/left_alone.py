"""What people set on our resources that isn't ours to rule: no drift, and no repair undoes it."""

from typing import Any

from mldeploy.resources.base import Context
from mldeploy.resources.function import DESCRIPTION as FUNCTIONS
from mldeploy.resources.role import DESCRIPTION as ROLES
from tests.support.api_drifts import NAME, Drift, api_id, first, gateway, rerouting
from tests.support.drifts import (
    MACHINE,
    REPOSITORY,
    ROLE,
    add_statement,
    expiring,
    permitted,
    reconfigured,
)
from tests.support.stacks import REGION


def of_the_api(**settings: Any) -> Drift:
    return lambda where: gateway(where).update_api(ApiId=api_id(where), **settings)


def of_the_stage(**settings: Any) -> Drift:
    return lambda where: gateway(where).update_stage(
        ApiId=api_id(where), StageName="$default", **settings
    )


def metrics_of_each_route(where: Context) -> None:
    """As the console does: with the throttling that is there."""
    stage = first(where, "stages")["DefaultRouteSettings"]
    of_the_stage(DefaultRouteSettings={**stage, "DetailedMetricsEnabled": True})(where)


def described_rule(where: Context) -> None:
    rule = where.clients.events.describe_rule(Name=NAME)
    where.clients.events.put_rule(
        Name=NAME,
        ScheduleExpression=rule["ScheduleExpression"],
        State=rule["State"],
        Description="ours, by hand",
    )


def watched(**settings: Any) -> Drift:
    """Change a state machine as the console does: with the definition that is there."""

    def drift(where: Context) -> None:
        client = where.clients.client("stepfunctions")
        found = client.describe_state_machine(stateMachineArn=MACHINE)
        client.update_state_machine(
            stateMachineArn=MACHINE, definition=found["definition"], **settings
        )

    return drift


LEFT_ALONE: list[tuple[str, str, str, Drift]] = [
    ("log group", "a metric filter", "metrics of logs are the account's", lambda w: w.clients.logs.
        put_metric_filter(logGroupName=f"/aws/lambda/{NAME}", filterName="errors",
            filterPattern="ERROR", metricTransformations=[
                {"metricName": "errors", "metricNamespace": "ours", "metricValue": "1"}])),
    ("repository", "untagged images expire", "every image of a release has a tag", lambda w:
        w.clients.ecr.put_lifecycle_policy(
            repositoryName=REPOSITORY, lifecyclePolicyText=expiring("untagged"))),
    ("repository", "an organisation may pull", "images are shared by the account's rules", lambda w:
        add_statement(w, Principal="*", Condition={
            "StringEquals": {"aws:PrincipalOrgID": "o-0123456789"}})),
    ("repository", "another account may pull", "as above", lambda w: add_statement(
        w, Principal={"AWS": "arn:aws:iam::999999999999:root"}, Sid="theirs")),
    ("role", "a tag of others", "companies tag automatically", lambda w: w.clients.iam.tag_role(
        RoleName=ROLE, Tags=[{"Key": "cost-centre", "Value": "12"}])),
    ("role", "longer sessions", "Lambda asks for its own", lambda w: w.clients.iam.update_role(
        RoleName=ROLE, Description=ROLES, MaxSessionDuration=7200)),
    ("function", "a key of the function", "encryption is the account's to rule",
     reconfigured(KMSKeyArn=f"arn:aws:kms:{REGION}:123456789012:key/0123")),
    ("function", "descriptions", "they are for people",
     reconfigured(Description=f"{FUNCTIONS}; ours, by hand")),
    ("function", "another alias", "nobody gets in by it: that takes a permission", lambda w: w.
        clients.functions.create_alias(
            FunctionName=NAME, Name="side", FunctionVersion="$LATEST")),
    ("version", "a permission on a version", "to look takes a call for each version", permitted(
        Principal="*", Qualifier="1")),
    ("http api", "variables of the stage", "no integration of ours uses them",
     of_the_stage(StageVariables={"a": "b"})),
    ("http api", "an access log", "it changes neither who calls nor what answers", of_the_stage(
        AccessLogSettings={"DestinationArn": f"arn:aws:logs:{REGION}:123456789012:log-group:calls",
                           "Format": "$context.requestId"})),
    ("http api", "metrics of each route", "as above", metrics_of_each_route),
    ("http api", "a description of the stage", "for people", of_the_stage(Description="by hand")),
    ("http api", "a description and a version", "for people", of_the_api(
        Description="ours, by hand", Version="7")),
    ("http api", "a name of the operation", "for people", rerouting(OperationName="by-hand")),
    ("state machine", "logs and traces", "they change no job", watched(
        loggingConfiguration={"level": "ERROR", "includeExecutionData": False},
        tracingConfiguration={"enabled": True})),
    ("state machine", "a key", "encryption is the account's to rule", watched(
        encryptionConfiguration={"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "0123"})),
    ("schedule", "a description of the rule", "for people", described_rule),
]  # fmt: skip
"""Of which kind, what is set, why nobody minds, and how."""


def called_out(where: Context) -> None:
    """As the console does: with all settings that are there."""
    client = where.clients.client("cloudwatch")
    alarm = client.describe_alarms()["MetricAlarms"][0]
    known = client.meta.service_model.operation_model("PutMetricAlarm").input_shape.members
    there = {name: value for name, value in alarm.items() if name in known and value}
    client.put_metric_alarm(
        **{**there, "AlarmActions": [f"arn:aws:sns:{REGION}:123456789012:on-call"]}
    )


OF_ALARMS: list[tuple[str, str, str, Drift]] = [
    ("alarm", "whom it calls", "who is on call is the account's to rule", called_out),
]
"""Of the kind in `tests/resources/alarm.py`."""

"""A kind that mldeploy doesn't have: what it takes to add one is in this file alone."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from mldeploy.aws.clients import missing_is_fine
from mldeploy.resources.base import (
    Context,
    Reads,
    Tags,
    known_tags,
    require_ours,
    tag_list,
    tag_map,
)
from mldeploy.resources.kind import Calls, Inventory, Phase, Stage

_SETTINGS = {
    "Namespace": "AWS/Lambda",
    "MetricName": "Errors",
    "Statistic": "Sum",
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    "TreatMissingData": "notBreaching",
}
"""What is the same of each alarm (CloudWatch API reference, PutMetricAlarm)."""
_OTHERS = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "InsufficientDataActions",
    "OKActions",
)
"""What people set, and each PutMetricAlarm without it would reset (the same reference)."""


@dataclass(frozen=True)
class Alarm:
    """A CloudWatch alarm on a function's errors.

    Attributes:
        name: of the alarm, which is the function's.
        threshold: the number of errors in a period.
        period: seconds.
        periods: how many periods in a row.
        watched: whose errors are counted, as "FunctionName=mldeploy_…".
        other: settings that somebody changed, such as "Statistic=Average".
        tags: ours and the user's.
        arn: assigned by AWS.
        kept: what people set and mldeploy doesn't.
    """

    kind: ClassVar[str] = "alarm"
    phase: ClassVar[Phase] = Phase.AFTER_SHIFT
    calls: ClassVar[tuple[Calls, ...]] = (
        Calls(
            (
                *("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms"),
                *("cloudwatch:ListTagsForResource", "cloudwatch:PutMetricAlarm"),
                "cloudwatch:TagResource",
            ),
            ("arn:*:cloudwatch:{region}:*:alarm:{names}",),
        ),
    )

    name: str
    threshold: float = 0.0
    period: int = 0
    periods: int = 0
    watched: str = ""
    other: tuple[str, ...] = ()
    tags: Tags = ()
    arn: str = field(default="", compare=False)
    kept: dict[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def desired(cls, stage: Stage) -> Iterable[Self]:
        """Return one per function."""
        names = [one.name for one in stage.of_kind("function")]
        tags = stage.config.tags
        return [cls(one, 5.0, 60, 3, f"FunctionName={one}", tags=tags) for one in names]

    @classmethod
    def seed(cls, inventory: Inventory) -> Iterable[Self]:
        """Return one per function."""
        return [cls(one, tags=inventory.config.tags) for one in inventory.functions]

    def observe(self, reads: Reads) -> Self | None:
        """Read the alarm and its tags."""
        read = reads.read
        answer = read("cloudwatch", "describe_alarms", AlarmNames=[self.name]) or {}
        for found in answer.get("MetricAlarms", []):
            arn = found["AlarmArn"]
            listed = read("cloudwatch", "list_tags_for_resource", ResourceARN=arn) or {}
            tags = tag_map(listed.get("Tags", []))
            self._refuse(arn, tags)
            return self._seen(found, tags)
        return None

    def _refuse(self, arn: str, tags: dict[str, str]) -> None:
        require_ours(self, tags, tagging=f"aws cloudwatch tag-resource --resource-arn {arn}")

    def _seen(self, found: dict[str, Any], tags: dict[str, str]) -> Self:
        watched = [f"{one['Name']}={one['Value']}" for one in found.get("Dimensions", [])]
        other = [f"{name}={found.get(name)}" for name in _SETTINGS]
        return type(self)(
            self.name,
            found.get("Threshold", 0.0),
            found.get("Period", 0),
            found.get("EvaluationPeriods", 0),
            ", ".join(watched),
            tuple(one for one in other if one not in [f"{k}={v}" for k, v in _SETTINGS.items()]),
            known_tags(self.tags, tags),
            found["AlarmArn"],
            {name: found[name] for name in _OTHERS if name in found},
        )

    def create(self, context: Context) -> None:
        """Make it with its tags."""
        self._put(context, Tags=tag_list(self.tags))

    def update(self, before: Self, context: Context) -> None:
        """Write it anew; PutMetricAlarm takes no tags of an alarm that exists (its reference)."""
        self._put(context, **before.kept)
        if before.tags != self.tags:
            client = context.clients.client("cloudwatch")
            client.tag_resource(ResourceARN=before.arn, Tags=tag_list(self.tags))

    def _put(self, context: Context, **more: Any) -> None:
        context.clients.client("cloudwatch").put_metric_alarm(
            AlarmName=self.name,
            Dimensions=[{"Name": "FunctionName", "Value": self.name}],
            Threshold=self.threshold,
            Period=self.period,
            EvaluationPeriods=self.periods,
            **_SETTINGS,
            **more,
        )

    def delete(self, context: Context) -> None:
        """Delete it."""
        with missing_is_fine():
            context.clients.client("cloudwatch").delete_alarms(AlarmNames=[self.name])

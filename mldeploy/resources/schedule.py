"""An EventBridge rule that keeps a function warm: the handler answers its events at once.

In AWS these are a rule, its targets and a permission on the alias; here they are one resource.
"""

import json
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from mldeploy.aws.clients import Account, missing_is_fine
from mldeploy.errors import MldeployError
from mldeploy.resources.base import (
    Context,
    Reads,
    Tags,
    known_tags,
    require_ours,
    tag_list,
    tag_map,
)
from mldeploy.resources.kind import ANY, FUNCTIONS, Calls, Inventory, Phase, Stage
from mldeploy.resources.lambda_state import ALIAS
from mldeploy.resources.permissions import forbid, permit, permits, statements_of

SID = "keep-warm-by-mldeploy"
"""Differs from the prefix of the HTTP API's permissions, which are cleaned up by prefix."""
HOLD_SECONDS = 0.2
"""How long a warm-up event occupies its environment, so that the next one needs another."""
# A late warm-up is useless. The minimum age is 60 s (botocore events:
# MaximumEventAgeInSeconds); by default EventBridge retries for a day.
_RETRY = (60, 0)
_PRINCIPAL = "events.amazonaws.com"
_DESCRIPTION = "Keeps a function warm; made by mldeploy"


@dataclass(frozen=True)
class Target:
    """One invocation per event of the rule.

    Attributes:
        key: its id in the rule.
        function: whose alias is invoked; if observed, the ARN of any other target.
        event: JSON.
        retry: EventBridge's maximum age (seconds) and number of retries.
    """

    key: str
    function: str
    event: str = ""
    retry: tuple[int, int] = _RETRY


def warm_targets(function: str, instances: int) -> tuple[Target, ...]:
    """Return targets whose overlapping invocations keep a number of environments warm."""
    event: dict[str, Any] = {"mldeploy": "warmup"}
    if instances > 1:
        event["hold"] = HOLD_SECONDS
    text = json.dumps(event, separators=(",", ":"))
    return tuple(Target(str(number), function, text) for number in range(1, instances + 1))


@dataclass(frozen=True)
class Schedule:
    """The rule, its targets, and the permission on the alias.

    Attributes:
        name: the rule's name, which is the function's.
        expression: its schedule, such as "rate(5 minutes)".
        pattern: its event pattern; mldeploy sets none.
        enabled: whether it is enabled.
        permitted: whether the alias's policy permits it.
        targets: what it invokes.
        tags: ours and the user's.
        arn: of the rule; "" if there is none.
        description: of the rule; somebody may have changed it.
        stated: whether the alias's policy has a statement with our id, correct or not.
    """

    kind: ClassVar[str] = "schedule"
    phase: ClassVar[Phase] = Phase.AFTER_SHIFT
    proof: ClassVar[str] = "the permission of the alias that lets it in"
    calls: ClassVar[tuple[Calls, ...]] = (
        Calls(("events:ListRules",), ANY),
        Calls(
            (
                *("events:DeleteRule", "events:ListTagsForResource", "events:ListTargetsByRule"),
                *("events:PutRule", "events:PutTargets", "events:RemoveTargets"),
                "events:TagResource",
            ),
            ("arn:*:events:{region}:*:rule/{names}",),
        ),
        Calls(
            (
                *("lambda:AddPermission", "lambda:GetAlias"),
                *("lambda:GetPolicy", "lambda:RemovePermission"),
            ),
            FUNCTIONS,
        ),
    )

    name: str
    expression: str = ""
    pattern: str = ""
    enabled: bool = True
    permitted: bool = True
    targets: tuple[Target, ...] = ()
    tags: Tags = ()
    arn: str = field(default="", compare=False)
    description: str = field(default=_DESCRIPTION, compare=False)
    stated: bool = field(default=False, compare=False)

    @classmethod
    def desired(cls, stage: Stage) -> "list[Schedule]":
        """Return one per function that is kept warm."""
        config = stage.config
        return [
            cls(
                name,
                f"rate({one.keep_warm.every})",
                targets=warm_targets(name, one.keep_warm.instances),
                tags=config.tags,
            )
            for one in config.functions
            for name in [config.function_name(one.name)]
            if one.keep_warm
        ]

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[Schedule]":
        """Return one per function."""
        return [cls(one, tags=inventory.config.tags) for one in inventory.functions]

    def observe(self, reads: Reads) -> "Schedule | None":
        """Read rule, targets, tags and permission; a permission without a rule counts, too."""
        rule = _rules(self.name, reads).get(self.name)
        statement = statements_of(self.name, reads).get(SID)
        if rule is None:
            return Schedule(self.name, permitted=False, stated=True) if statement else None
        read = reads.read
        listed = read("events", "list_tags_for_resource", ResourceARN=rule["Arn"]) or {}
        tags = tag_map(listed.get("Tags", []))
        require_ours(
            self,
            tags,
            tagging=f"aws events tag-resource --resource-arn {rule['Arn']}",
            proven=permits(statement, _PRINCIPAL, rule["Arn"]),
        )
        found = (read("events", "list_targets_by_rule", Rule=self.name) or {}).get("Targets", [])
        return Schedule(
            self.name,
            expression=rule.get("ScheduleExpression", ""),
            pattern=rule.get("EventPattern", ""),
            enabled=rule.get("State") == "ENABLED",
            permitted=permits(statement, _PRINCIPAL, rule["Arn"]),
            targets=tuple(
                sorted((_target(one, reads.account) for one in found), key=lambda one: one.key)
            ),
            tags=known_tags(self.tags, tags),
            arn=rule["Arn"],
            description=rule.get("Description", ""),
            stated=statement is not None,
        )

    def create(self, context: Context) -> None:
        """Create the rule, then its permission, then its targets."""
        self.update(Schedule(self.name, permitted=False), context)

    def update(self, before: "Schedule", context: Context) -> None:
        """Fix the rule, its tags, the permission and the targets: each only if it differs."""
        events = context.clients.events
        arn = before.arn
        if not arn or before != replace(
            before, expression=self.expression, pattern=self.pattern, enabled=self.enabled
        ):
            # PutRule ignores tags for an existing rule, and replaces all else (API reference).
            tags = {} if arn else {"Tags": tag_list(self.tags)}
            arn = events.put_rule(
                Name=self.name,
                ScheduleExpression=self.expression,
                State="ENABLED",
                Description=before.description,
                **tags,
            )["RuleArn"]
        if before.arn and before.tags != self.tags:
            events.tag_resource(ResourceARN=arn, Tags=tag_list(self.tags))
        if not before.permitted:
            if before.stated:
                forbid(self.name, SID, context)
            permit(self.name, SID, _PRINCIPAL, arn, context)
        self._retarget(before, context)

    def _retarget(self, before: "Schedule", context: Context) -> None:
        wrong = [one for one in self.targets if one not in before.targets]
        if wrong:
            answer = context.clients.events.put_targets(
                Rule=self.name, Targets=[_request(one, context.account) for one in wrong]
            )
            _require_all(self.name, answer)
        kept = {one.key for one in self.targets}
        self._untarget([one.key for one in before.targets if one.key not in kept], context)

    def _untarget(self, ids: list[str], context: Context) -> None:
        if ids:
            answer = context.clients.events.remove_targets(Rule=self.name, Ids=ids)
            _require_all(self.name, answer)

    def delete(self, context: Context) -> None:
        """Delete targets, permission and rule; the rule comes last, so that a retry finds it."""
        with missing_is_fine():
            self._untarget([one.key for one in self.targets], context)
        forbid(self.name, SID, context)
        with missing_is_fine():
            context.clients.events.delete_rule(Name=self.name)


def _rules(function: str, reads: Reads) -> dict[str, dict[str, Any]]:
    """Return the rules of a function's stage by name; the read is cached for all functions."""
    prefix = "_".join(function.split("_")[:3]) + "_"
    answer = reads.read("events", "list_rules", NamePrefix=prefix) or {}
    return {rule["Name"]: rule for rule in answer.get("Rules", [])}


def _alias_arn(function: str, account: Account) -> str:
    return account.arn("lambda", f"function:{function}:{ALIAS}")


def _target(found: dict[str, Any], account: Account) -> Target:
    arn, retry = str(found["Arn"]), found.get("RetryPolicy", {})
    start, end = account.arn("lambda", "function:"), f":{ALIAS}"
    function = arn.removeprefix(start).removesuffix(end)
    return Target(
        found["Id"],
        function if arn == _alias_arn(function, account) else arn,
        found.get("Input", ""),
        # By default EventBridge retries 185 times within a day (botocore events:
        # MaximumRetryAttempts, MaximumEventAgeInSeconds).
        (
            int(retry.get("MaximumEventAgeInSeconds", 86_400)),
            int(retry.get("MaximumRetryAttempts", 185)),
        ),
    )


def _request(target: Target, account: Account) -> dict[str, Any]:
    seconds, attempts = target.retry
    return {
        "Id": target.key,
        "Arn": _alias_arn(target.function, account),
        "Input": target.event,
        "RetryPolicy": {"MaximumEventAgeInSeconds": seconds, "MaximumRetryAttempts": attempts},
    }


def _require_all(rule: str, answer: dict[str, Any]) -> None:
    """Raise if PutTargets or RemoveTargets returned failed entries with a 200 (API references)."""
    for failed in answer.get("FailedEntries", []):
        raise MldeployError(
            "MLD450",
            f"EventBridge refused target {failed.get('TargetId')} of rule {rule}: "
            f"{failed.get('ErrorMessage') or failed.get('ErrorCode')}",
            "run the same command again: it goes on from here",
        )

"""CloudWatch log groups; created first and deleted last, as they are the inventory of functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from mldeploy.aws.clients import Account, missing_is_fine
from mldeploy.config import TAG_TTL
from mldeploy.resources.base import TAG_MAP, Context, Reads, Tags, known_tags, require_ours
from mldeploy.resources.kind import (
    ANY,
    LOG_GROUPS,
    Calls,
    Inventory,
    Phase,
    Stage,
    log_group_name,
)

PREFIX = log_group_name("")
_WORKERS = 8


def functions_with_logs(project_prefix: str, reads: Reads) -> tuple[str, ...]:
    """Return the names of all functions that the project has or had, in any stage.

    A log group remains after a deploy or destroy that crashed.
    """
    return tuple(sorted(name.removeprefix(PREFIX) for name in _groups(project_prefix, reads)))


@dataclass(frozen=True)
class FoundGroup:
    """A log group of a project. `made`: its creation time, in UTC."""

    function: str
    made: datetime
    tags: Mapping[str, str]


def groups_of(project_prefix: str, reads: Reads) -> list[FoundGroup]:
    """Return the log groups of a project's functions in all stages, with their tags, by name."""
    groups = sorted(_groups(project_prefix, reads).items())
    with reads.workers(_WORKERS) as pool:
        tags = list(pool.map(lambda group: _tags(group[0], reads), groups))
    return [
        FoundGroup(
            name.removeprefix(PREFIX),
            # Milliseconds since 1970 (CloudWatch Logs API reference, LogGroup).
            datetime.fromtimestamp(group["creationTime"] / 1000, UTC),
            found,
        )
        for (name, group), found in zip(groups, tags, strict=True)
    ]


def _arn(name: str, account: Account) -> str:
    return account.arn("logs", f"log-group:{name}")


def _tags(name: str, reads: Reads) -> dict[str, str]:
    answer = reads.read("logs", "list_tags_for_resource", resourceArn=_arn(name, reads.account))
    found: dict[str, str] = (answer or {}).get("tags", {})
    return found


def _groups(project_prefix: str, reads: Reads) -> dict[str, dict[str, Any]]:
    answer = reads.read("logs", "describe_log_groups", logGroupNamePrefix=PREFIX + project_prefix)
    return {group["logGroupName"]: group for group in (answer or {}).get("logGroups", [])}


@dataclass(frozen=True)
class LogGroup:
    """A function's log group with its retention (days).

    `ttl`: how long the stage is kept after its last release, such as "3d"; "" for no limit.
    """

    kind: ClassVar[str] = "log group"
    phase: ClassVar[Phase] = Phase.INVENTORY
    calls: ClassVar[tuple[Calls, ...]] = (
        Calls(("logs:DescribeLogGroups",), ANY),
        Calls(
            (
                *("logs:CreateLogGroup", "logs:DeleteLogGroup", "logs:ListTagsForResource"),
                *("logs:PutRetentionPolicy", "logs:TagResource", "logs:UntagResource"),
            ),
            LOG_GROUPS,
        ),
    )

    function: str
    retention: int | None = None
    tags: Tags = ()
    ttl: str = ""

    @property
    def name(self) -> str:
        """The log group's name, which Lambda derives from the function's."""
        return log_group_name(self.function)

    @classmethod
    def desired(cls, stage: Stage) -> "list[LogGroup]":
        """Return one per function."""
        config = stage.config
        names = [config.function_name(one.name) for one in config.functions]
        return [cls(one, config.log_retention, config.tags, config.ttl) for one in names]

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[LogGroup]":
        """Return one per function."""
        return [cls(one, tags=inventory.config.tags) for one in inventory.functions]

    def _all_tags(self) -> dict[str, str]:
        return {**dict(self.tags), **({TAG_TTL: self.ttl} if self.ttl else {})}

    def observe(self, reads: Reads) -> "LogGroup | None":
        """Read the group, its retention and its tags."""
        # Names are mldeploy_<project>_<stage>_<function>: one call with the project's
        # prefix returns all groups and the inventory.
        project_prefix = "_".join(self.function.split("_")[:2]) + "_"
        group = _groups(project_prefix, reads).get(self.name)
        if group is None:
            return None
        tags = _tags(self.name, reads)
        arn = reads.account.arn("logs", f"log-group:{self.name}")
        tagging = f"aws logs tag-resource --resource-arn {arn}"
        require_ours(self, tags, tagging=tagging, form=TAG_MAP)
        return LogGroup(
            self.function,
            group.get("retentionInDays"),
            known_tags(self.tags, tags),
            tags.get(TAG_TTL, ""),
        )

    def create(self, context: Context) -> None:
        """Create it with its tags, then set the retention."""
        context.clients.logs.create_log_group(logGroupName=self.name, tags=self._all_tags())
        self._retain(context)

    def update(self, before: "LogGroup", context: Context) -> None:
        """Fix retention and tags."""
        if before.retention != self.retention:
            self._retain(context)
        arn = _arn(self.name, context.account)
        if (before.tags, before.ttl) != (self.tags, self.ttl):
            context.clients.logs.tag_resource(resourceArn=arn, tags=self._all_tags())
        if before.ttl and not self.ttl:
            context.clients.logs.untag_resource(resourceArn=arn, tagKeys=[TAG_TTL])

    def _retain(self, context: Context) -> None:
        context.clients.logs.put_retention_policy(
            logGroupName=self.name, retentionInDays=self.retention
        )

    def delete(self, context: Context) -> None:
        """Delete it with its logs."""
        with missing_is_fine():
            context.clients.logs.delete_log_group(logGroupName=self.name)

"""CloudWatch log groups. Made first and deleted last: they are the inventory of functions."""

from dataclasses import dataclass
from typing import Any, ClassVar

from mldeploy.aws import missing_is_fine
from mldeploy.resources.base import Context, Tags, known_tags, require_ours

PREFIX = "/aws/lambda/"


def functions_with_logs(project_prefix: str, context: Context) -> tuple[str, ...]:
    """Return the names of all functions, of any stage, that the project has or had.

    A log group outlives a deployment that crashed on its way in or out.
    """
    return tuple(sorted(name.removeprefix(PREFIX) for name in _groups(project_prefix, context)))


def _groups(project_prefix: str, context: Context) -> dict[str, dict[str, Any]]:
    answer = context.clients.read(
        "logs", "describe_log_groups", logGroupNamePrefix=PREFIX + project_prefix
    )
    return {group["logGroupName"]: group for group in (answer or {}).get("logGroups", [])}


@dataclass(frozen=True)
class LogGroup:
    """A function's log group; the deployment owns its retention (days)."""

    kind: ClassVar[str] = "log group"
    actions: ClassVar[tuple[str, ...]] = (
        "logs:CreateLogGroup",
        "logs:DeleteLogGroup",
        "logs:DescribeLogGroups",
        "logs:ListTagsForResource",
        "logs:PutRetentionPolicy",
        "logs:DeleteRetentionPolicy",
        "logs:TagResource",
    )

    function: str
    retention: int | None = None
    tags: Tags = ()

    @property
    def name(self) -> str:
        """The log group's name, which Lambda expects to follow the function's."""
        return PREFIX + self.function

    def _arn(self, context: Context) -> str:
        return context.account.arn("logs", f"log-group:{self.name}")

    def observe(self, context: Context) -> "LogGroup | None":
        """Read the group, its retention and its tags."""
        # Names are mldeploy_<project>_<stage>_<function>: the prefix of the project is
        # asked for once and serves all groups and the inventory.
        project_prefix = "_".join(self.function.split("_")[:2]) + "_"
        group = _groups(project_prefix, context).get(self.name)
        if group is None:
            return None
        answer = context.clients.read(
            "logs", "list_tags_for_resource", resourceArn=self._arn(context)
        )
        tags = (answer or {}).get("tags", {})
        require_ours(self.kind, self.name, self.tags, tags)
        return LogGroup(self.function, group.get("retentionInDays"), known_tags(self.tags, tags))

    def create(self, context: Context) -> None:
        """Create it with its tags, then set the retention."""
        context.clients.logs.create_log_group(logGroupName=self.name, tags=dict(self.tags))
        self._retain(context)

    def update(self, before: "LogGroup", context: Context) -> None:
        """Mend retention and tags."""
        if before.retention != self.retention:
            self._retain(context)
        if before.tags != self.tags:
            context.clients.logs.tag_resource(resourceArn=self._arn(context), tags=dict(self.tags))

    def _retain(self, context: Context) -> None:
        context.clients.logs.put_retention_policy(
            logGroupName=self.name, retentionInDays=self.retention
        )

    def delete(self, context: Context) -> None:
        """Delete it with everything in it."""
        with missing_is_fine():
            context.clients.logs.delete_log_group(logGroupName=self.name)

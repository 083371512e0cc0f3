"""A project's deployed stages in an account and region, and when they expire.

Log groups are the inventory. They have the stage's time to live as a tag; it counts from the last
move of an alias, which is in the alias's description. So no other state is needed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mldeploy.config import TAG_PROJECT, TAG_STAGE, TAG_TTL, Config
from mldeploy.config.limits import duration_in_seconds
from mldeploy.monitoring.where import Live, live_of
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context
from mldeploy.resources.log_group import FoundGroup, groups_of
from mldeploy.text.data import HIDDEN

_WORKERS = 8
_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class DeployedStage:
    """A stage that is deployed, fully or in part.

    Attributes:
        stage: its name.
        functions: the names of its functions in the file that deployed them.
        live: the releases that they serve; empty if the first deploy didn't finish.
        since: time of the last release, or else of the first resource; ISO 8601 in UTC.
        ttl: its time to live, such as "3d"; "" for no limit.
        expires: ISO 8601 in UTC, or "".
        expired: whether it has expired.
    """

    stage: str
    functions: tuple[str, ...]
    live: tuple[Live, ...]
    since: str
    ttl: str = ""
    expires: str = ""
    expired: bool = False

    def at(self, now: datetime) -> "DeployedStage":
        """Return the stage with `expires` and `expired` set for this time."""
        over = bool(self.expires) and datetime.fromisoformat(self.expires) <= now
        return replace(self, expired=over)


@dataclass(frozen=True)
class Stages:
    """The stages of a project in one account and region.

    Attributes:
        account: the number of the AWS account.
        region: the AWS region.
        stages: by name.
        project: the project's name.
        expired: whether only expired stages are included.
    """

    account: str
    region: str
    stages: tuple[DeployedStage, ...]
    project: str = field(metadata=HIDDEN)
    expired: bool = field(metadata=HIDDEN)


def deployed_stages(config: Config, context: Context) -> list[DeployedStage]:
    """Return the project's stages in this account and region, by name.

    Args:
        config: of any stage of the project.
        context: for AWS.
    """
    by_stage: dict[str, list[FoundGroup]] = {}
    for one in groups_of(config.project_prefix, context.reads):
        stage = one.function.removeprefix(config.project_prefix).partition("_")[0]
        if (one.tags.get(TAG_PROJECT), one.tags.get(TAG_STAGE)) == (config.name, stage):
            by_stage.setdefault(stage, []).append(one)
    with context.clients.workers(_WORKERS) as pool:
        found = pool.map(
            lambda stage: _stage(config, stage, by_stage[stage], context), sorted(by_stage)
        )
        return [one.at(context.now()) for one in found]


def _stage(config: Config, stage: str, groups: list[FoundGroup], context: Context) -> DeployedStage:
    prefix = f"{config.project_prefix}{stage}_"
    aliases = [Alias(one.function).observe(context.reads) for one in groups]
    live = tuple(live_of(prefix, one, context) for one in aliases if one)
    return stage_of(stage, prefix, groups, live)


def stage_of(
    stage: str, prefix: str, groups: Sequence[FoundGroup], live: tuple[Live, ...]
) -> DeployedStage:
    """Return a stage with its time of expiry.

    Args:
        stage: its name.
        prefix: of its functions' names in AWS.
        groups: the log groups of its functions, at least one.
        live: the releases that its functions serve.
    """
    moved = [time for one in live if (time := _time(one.since))]
    since = max(moved, default=min(one.made for one in groups))
    ttl = _longest(one.tags.get(TAG_TTL, "") for one in groups)
    expires = since + timedelta(seconds=duration_in_seconds(ttl))
    return DeployedStage(
        stage,
        tuple(one.function.removeprefix(prefix) for one in groups),
        live,
        since.strftime(_FORMAT),
        ttl,
        expires.strftime(_FORMAT) if ttl else "",
    )


def _time(text: str) -> datetime | None:
    """Return the time in an alias's description, which may have been changed manually."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _longest(lives: Iterable[str]) -> str:
    """Return the longest time to live, or "" if a function has none or an invalid one.

    They differ if a deploy was killed while changing them.
    """
    seconds = {one: duration_in_seconds(one) for one in lives}
    return max(seconds, key=lambda one: seconds[one]) if all(seconds.values()) else ""

"""A plan's place and what is live there, which a plan shows first."""

from collections.abc import Mapping
from dataclasses import dataclass

from mldeploy.aws.errors import is_aws_error
from mldeploy.config import Config
from mldeploy.monitoring.releases import facts_of_note
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context, Key, Resource
from mldeploy.resources.lambda_state import described_version

ACTIONS = ("iam:ListAccountAliases",)


@dataclass(frozen=True)
class Live:
    """What a function currently serves.

    Attributes:
        function: its name in the file, or in the file that deployed it.
        release: the release's id.
        version: its number.
        since: when the alias was moved there, ISO 8601 in UTC; when the version was published,
            if the alias was moved manually.
        metric: such as "accuracy=0.9667"; "" if the version's description has none.
        canary: the id of a canary's release, or "".
    """

    function: str
    release: str
    version: str
    since: str
    metric: str = ""
    canary: str = ""


@dataclass(frozen=True)
class Where:
    """The place of a plan.

    Attributes:
        project: the project's name.
        stage: the stage's.
        account: the number of the AWS account.
        alias: the account's alias; "" if it has none or the caller can't read it.
        region: the AWS region.
        region_from: source of the region, such as "mldeploy.toml" or "AWS_REGION".
        target: "aws" or "local".
        live: what its functions serve; None if that wasn't read.
        ttl: the stage's time to live after its last release, or "" for no limit.
    """

    project: str
    stage: str
    account: str
    alias: str
    region: str
    region_from: str
    target: str
    live: tuple[Live, ...] | None = None
    ttl: str = ""

    @property
    def text(self) -> str:
        """The place as text, for questions and errors."""
        place = self.target if self.target == "local" else f"account {self.alias or self.account}"
        return f"stage {self.stage} of {self.project} ({place}, {self.region})"


def where_of(config: Config, observed: Mapping[Key, Resource] | None, context: Context) -> Where:
    """Return a plan's place; observed resources aren't read again.

    `observed`: None if no alias was read.
    """
    aliases = [one for one in (observed or {}).values() if isinstance(one, Alias)]
    live = [
        live_of(config.stage_prefix, one, context)
        for one in sorted(aliases, key=lambda one: one.function)
    ]
    return Where(
        project=config.name,
        stage=config.stage,
        account=context.account.id,
        alias=account_alias(context),
        region=context.account.region,
        region_from=config.region_from,
        target=config.target,
        live=None if observed is None else tuple(live),
        ttl=config.ttl,
    )


def account_alias(context: Context) -> str:
    """Return the account's alias, or ""; it is only for display."""
    try:
        answer = context.reads.read("iam", "list_account_aliases")
    except Exception as error:
        if is_aws_error(error):
            return ""
        raise
    # An account has one alias (IAM API reference, ListAccountAliases).
    return next(iter((answer or {}).get("AccountAliases", [])), "")


def live_of(stage_prefix: str, alias: Alias, context: Context) -> Live:
    """Return what an alias serves; reads its version unless it is cached."""
    version = described_version(alias.function, alias.version, context.reads)
    since = alias.moved or str(version.get("LastModified", ""))
    facts = facts_of_note(version.get("Description", ""))
    metrics = {name: facts[name] for name in facts if name not in {"model", "git", "trained"}}
    return Live(
        function=alias.function.removeprefix(stage_prefix),
        release=alias.release,
        version=alias.version,
        since=f"{since[:19]}Z" if since else "",
        metric=" ".join(f"{name}={value}" for name, value in metrics.items()),
        canary=alias.canary.release if alias.canary else "",
    )

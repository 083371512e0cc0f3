"""What the rules remember beside moto's own state."""

from dataclasses import dataclass, field
from typing import Any

Which = tuple[str, str]
"""A function's name and its qualifier: "$LATEST", a version's number or an alias."""


@dataclass(frozen=True)
class Answered:
    """A request that a version answered. `at`: seconds since 1970."""

    at: float
    status: int
    milliseconds: float


@dataclass
class State:
    """The account's memory.

    Attributes:
        reads: how many reads a creation, an update or a publication takes.
        role_refusals: creations of a function that a new role is refused for.
        page: items of a page of API Gateway's lists and of log events: small, so that paging is
            exercised.
        pending: reads of a function or a version until it is Active.
        updating: reads of a function until its update is Successful.
        failed: functions that Lambda couldn't make.
        states: what Lambda says of a function or a version that is neither Pending nor Failed.
        failing: why updates of a function fail from now on, a LastUpdateStatusReasonCode.
        failed_updates: why the last update of a function failed.
        slow_deletions: reads that the deletion of a function takes.
        deleting: the configuration of a function that is being deleted, and the reads left.
        fresh_roles: refusals left, by role name.
        seen_after_deletion: how often a deleted state machine is still seen.
        deleted_machines: how often a deleted state machine is still seen, by ARN.
        revisions: a counter for each function, version and alias.
        digests: the resolved image of each function and version.
        logging: LoggingConfig of each function and version.
        surroundings: VPC, dead-letter target, file systems, snapshots of each function and version.
        urls: the URL of each qualifier.
        asynchronous: the settings of asynchronous invocations of each qualifier.
        policies: statements of each qualifier's policy.
        last_version: the number that was given last, by function name.
        passed: seconds that a test has let pass beside the clock's own.
        traffic: the requests that were answered, by function and version; status 0 is a
            function error.
        logged: the requests of which the endpoint wrote a line, by function and release.
        blobs: what ECR hands out by digest: images' configurations as JSON, other texts as such.
        uploads: the bytes of uploads to ECR that aren't complete.
        refusals: (status, message) of requests that the gateway refuses itself after a route or a
            permission was made; none by default.
        refusing: those that are left.
        stage_messages: what GetStage says of the last deployment, in turn; the last one stays.
        silent_issuers: issuers of tokens that API Gateway can't reach.
        image_reads: reads that don't find an image after it was put; 0 by default.
        unseen: how many such reads are left, by digest.
        archived: digests of images in ECR's archive.
        provisioned: count, and reads until it is ready, of each qualifier.
        aliased: the version of each alias before the call that is being made.
        shifts: the version that an alias of ready environments is leaving, and the reads left.
        unprovisionable: why no environment can be made ready, or "".
        most_memory: MB that a function of the account may have.
        concurrency_quota: executions at once in the account.
        copied: moto's versions that share nothing with $LATEST any more, by id.
    """

    reads: int = 1
    role_refusals: int = 1
    page: int = 2
    pending: dict[Which, int] = field(default_factory=dict)
    updating: dict[Which, int] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)
    states: dict[Which, str] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)
    failed_updates: dict[str, str] = field(default_factory=dict)
    slow_deletions: int = 0
    deleting: dict[str, tuple[dict[str, Any], int]] = field(default_factory=dict)
    fresh_roles: dict[str, int] = field(default_factory=dict)
    deleted_machines: dict[str, int] = field(default_factory=dict)
    seen_after_deletion: int = 2
    revisions: dict[Which, int] = field(default_factory=dict)
    digests: dict[Which, str] = field(default_factory=dict)
    logging: dict[Which, dict[str, Any]] = field(default_factory=dict)
    surroundings: dict[Which, dict[str, Any]] = field(default_factory=dict)
    urls: dict[Which, dict[str, Any]] = field(default_factory=dict)
    asynchronous: dict[Which, dict[str, Any]] = field(default_factory=dict)
    policies: dict[Which, list[dict[str, Any]]] = field(default_factory=dict)
    last_version: dict[str, int] = field(default_factory=dict)
    passed: float = 0.0
    traffic: dict[Which, list[Answered]] = field(default_factory=dict)
    logged: dict[Which, list[Answered]] = field(default_factory=dict)
    blobs: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, bytes] = field(default_factory=dict)
    refusals: list[tuple[int, str]] = field(default_factory=list)
    refusing: list[tuple[int, str]] = field(default_factory=list)
    stage_messages: list[str] = field(default_factory=list)
    silent_issuers: set[str] = field(default_factory=set)
    image_reads: int = 0
    unseen: dict[str, int] = field(default_factory=dict)
    archived: set[str] = field(default_factory=set)
    provisioned: dict[Which, dict[str, int]] = field(default_factory=dict)
    aliased: dict[Which, str] = field(default_factory=dict)
    shifts: dict[Which, tuple[str, int]] = field(default_factory=dict)
    unprovisionable: str = ""
    most_memory: int = 10_240
    concurrency_quota: int = 1000
    copied: dict[int, Any] = field(default_factory=dict)

    def revision(self, which: Which) -> str:
        """Return the RevisionId of a function, a version or an alias."""
        return f"{which[0]}-{which[1]}-{self.revisions.get(which, 0)}"

    def touch(self, which: Which) -> None:
        """Change the RevisionId."""
        self.revisions[which] = self.revisions.get(which, 0) + 1

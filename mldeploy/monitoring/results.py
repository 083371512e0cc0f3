"""Results of the commands that show or apply plans, as data.

`deploy/` and `cli/` create them, and `render/` prints them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mldeploy.monitoring.evidence import Minute, Outcome
from mldeploy.monitoring.outputs import Outputs
from mldeploy.monitoring.where import Where
from mldeploy.plan.consequences import Consequences
from mldeploy.plan.diff import Plan
from mldeploy.plan.planned import PlannedChange, planned_changes
from mldeploy.text.data import FLAT, HIDDEN


@dataclass(frozen=True)
class Planned:
    """A plan and its place.

    Attributes:
        where: account, region and stage, and what is live there.
        public: whether the API is public afterwards.
        changes: of the plan; none if AWS matches mldeploy.toml.
    """

    where: Where
    public: bool
    changes: tuple[PlannedChange, ...]

    @classmethod
    def of(cls, plan: Plan, where: Where, *, public: bool) -> "Planned":
        """Return a plan with its place."""
        return cls(where, public, planned_changes(plan))


@dataclass(frozen=True)
class Proposal:
    """A plan and its consequences.

    Attributes:
        planned: the plan.
        meaning: its consequences.
    """

    planned: Planned = field(metadata=FLAT)
    meaning: Consequences = field(metadata=FLAT)


@dataclass(frozen=True)
class ShownPlan:
    """The result of `plan`.

    Attributes:
        proposal: the plan and its consequences.
        out: the file that it was saved to, or None.
    """

    proposal: Proposal = field(metadata=FLAT)
    out: str | None


@dataclass(frozen=True)
class Evidence:
    """Evidence against a new release; 1 for none.

    Attributes:
        errors: that it fails more often than the old one.
        latency: that it is slow more often.
    """

    errors: float
    latency: float


@dataclass(frozen=True)
class CanaryVerdict:
    """The decision on a canary, and its metrics.

    Attributes:
        function: its name in AWS.
        outcome: "good", "worse" or "inconclusive".
        because: the reason; "" for a good one.
        figures: metrics of both releases, as a sentence.
        seconds: how long it was watched.
        slow_from_ms: milliseconds above which a request is slow; None without earlier metrics.
        new: requests of the new release.
        old: requests of the old release.
        evidence: against the new release.
    """

    function: str
    outcome: Outcome
    because: str
    figures: str
    seconds: int
    slow_from_ms: float | None
    new: Minute
    old: Minute
    evidence: Evidence


@dataclass(frozen=True)
class Pruned:
    """Old versions and images that were removed.

    Attributes:
        versions: as "function:number".
        images: by digest.
    """

    versions: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deployed:
    """The result of `deploy` and `promote`.

    Attributes:
        outputs: of what is deployed now.
        proposal: the applied plan; its `where` is what was live before.
        canary: the last check of each canary; empty without any.
        canary_looks: every check.
        pruned: what was removed afterwards.
        seconds: of each step.
    """

    outputs: Outputs = field(metadata=FLAT)
    proposal: Proposal = field(metadata=FLAT)
    canary: tuple[CanaryVerdict, ...] = ()
    canary_looks: tuple[tuple[CanaryVerdict, ...], ...] = ()
    pruned: Pruned = Pruned()
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Status:
    """The deployed resources, and their differences from the desired ones.

    Attributes:
        outputs: of what is deployed.
        deployed: whether anything is deployed.
        planned: what a deploy would change; None if nothing is deployed.
        trained: whether there are bundles to compare with.
    """

    outputs: Outputs = field(metadata=FLAT)
    deployed: bool
    planned: Planned | None = field(metadata=FLAT)
    trained: bool = field(metadata=HIDDEN)


@dataclass(frozen=True)
class LiveRelease:
    """A release that a function serves.

    Attributes:
        function: its name in AWS.
        release: the release's id.
    """

    function: str
    release: str


@dataclass(frozen=True)
class RolledBack:
    """The result of `rollback`.

    Attributes:
        planned: the applied plan.
        live: the releases that its functions serve now.
        seconds: of each step.
    """

    planned: Planned = field(metadata=FLAT)
    live: tuple[LiveRelease, ...]
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Destroyed:
    """The result of `destroy`.

    Attributes:
        planned: the applied plan.
        seconds: of each step.
    """

    planned: Planned = field(metadata=FLAT)
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class DestroyedStages:
    """The result of `destroy --expired`.

    Attributes:
        stages: the plan of each stage.
        seconds: of each step, of all stages together.
    """

    stages: tuple[Planned, ...]
    seconds: Mapping[str, float]

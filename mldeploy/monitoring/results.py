"""What the commands that show a plan or carry one out say at the end, as data.

`deploy/` and `cli/` make it; it lies here, below `render/`, which words it.
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
        where: the plan goes, and what is live there.
        public: whether anybody may call the API afterwards.
        changes: that it makes; none if AWS matches mldeploy.toml.
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
    """A plan, and what it means.

    Attributes:
        planned: the plan.
        meaning: of it.
    """

    planned: Planned = field(metadata=FLAT)
    meaning: Consequences = field(metadata=FLAT)


@dataclass(frozen=True)
class ShownPlan:
    """What `plan` says.

    Attributes:
        proposal: the plan and what it means.
        out: the file that it was saved in, or None.
    """

    proposal: Proposal = field(metadata=FLAT)
    out: str | None


@dataclass(frozen=True)
class Evidence:
    """How much speaks against a new release; 1 is nothing.

    Attributes:
        errors: that it fails more often than the old one.
        latency: that it is slow more often.
    """

    errors: float
    latency: float


@dataclass(frozen=True)
class CanaryVerdict:
    """What was decided of a canary, and on what figures.

    Attributes:
        function: its name in AWS.
        outcome: "good", "worse" or "inconclusive".
        because: why; "" for a good one.
        figures: of both releases, as a sentence.
        seconds: that it has been watched.
        slow_from_ms: milliseconds from which on a request counts as slow; None where nothing is
            known of before.
        new: requests of the new release.
        old: requests of the old one.
        evidence: against the new one.
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
    """What was removed, for nobody will go back to it.

    Attributes:
        versions: as "function:number".
        images: by digest.
    """

    versions: tuple[str, ...] = ()
    images: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deployed:
    """What `deploy` and `promote` have done.

    Attributes:
        outputs: what runs now.
        proposal: the plan that was carried out; its `where` is what was live before.
        canary: the last look at each canary; empty without any.
        canary_looks: every look.
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
    """What is deployed, and how it differs from what is desired.

    Attributes:
        outputs: what runs.
        deployed: whether anything does.
        planned: what a deploy would change; None where nothing is deployed.
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
    """What `rollback` has done.

    Attributes:
        planned: the plan that was carried out.
        live: what its functions serve now.
        seconds: of each step.
    """

    planned: Planned = field(metadata=FLAT)
    live: tuple[LiveRelease, ...]
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Destroyed:
    """What `destroy` has removed.

    Attributes:
        planned: the plan that was carried out.
        seconds: of each step.
    """

    planned: Planned = field(metadata=FLAT)
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class DestroyedStages:
    """What `destroy --expired` has removed.

    Attributes:
        stages: the plan of each stage.
        seconds: of each step, of all stages together.
    """

    stages: tuple[Planned, ...]
    seconds: Mapping[str, float]

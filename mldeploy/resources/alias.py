"""The alias `live`, which the API invokes."""

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mldeploy.aws.clients import missing_is_fine
from mldeploy.errors import MldeployError
from mldeploy.resources.alias_weights import (
    current,
    is_provisioned,
    is_shifting,
    notes_of,
    shifted,
    weights_of,
)
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.kind import FUNCTIONS, REPOSITORY, Calls, Inventory, Phase, Stage
from mldeploy.resources.lambda_state import (
    ALIAS,
    image_is_gone,
    release_of_version,
    version_of_release,
)
from mldeploy.resources.meaning import Meaning, is_by_hand
from mldeploy.resources.permissions import policy_of
from mldeploy.resources.risk import RISK, endangers


@dataclass(frozen=True)
class Canary:
    """A second release that receives a share of the traffic while it is watched.

    Attributes:
        release: the release's id.
        share: of the traffic, 0 to 1.
        started: ISO 8601 in UTC.
        seconds: how long it is watched.
    """

    release: str
    share: float
    started: str = field(default="", compare=False)
    seconds: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Alias:
    """An alias that points at a release's version.

    Attributes:
        function: the function's name.
        release: of the version that it points at.
        canary: the release that receives a share of the traffic, according to the alias's
            description, or None.
        weights: traffic weights not set by mldeploy, such as "50% to version 3", or "". Excludes
            the temporary ones that Lambda sets.
        lost: whether the image of its version is gone.
        by_hand: whether its version has the release's id but was published manually and differs.
        moved: time of its last move, ISO 8601 in UTC; equal for all that moved together.
        previous: the release that a rollback returns to, or "".
        undid: the `moved` of the deploy that a rollback of all its functions reverted, or "".
        version: the number that it points at, assigned by Lambda.
        revision: the revision id for optimistic locking, assigned by Lambda.
        provisioned: whether it has provisioned concurrency.
        shifting: whether Lambda is shifting traffic gradually.
        repository: of the release's image; if unknown, lost images aren't detected.
        image: that image's tag.
        meaning: of the desired release; without it, manually published versions aren't detected.
    """

    kind: ClassVar[str] = "alias"
    phase: ClassVar[Phase] = Phase.SHIFT
    calls: ClassVar[tuple[Calls, ...]] = (
        Calls(("ecr:DescribeImages",), REPOSITORY),
        Calls(
            (
                *("lambda:CreateAlias", "lambda:DeleteAlias", "lambda:GetAlias"),
                *("lambda:GetFunction", "lambda:GetProvisionedConcurrencyConfig"),
                *("lambda:ListTags", "lambda:ListVersionsByFunction", "lambda:UpdateAlias"),
            ),
            FUNCTIONS,
        ),
    )

    function: str
    release: str = ""
    canary: Canary | None = None
    weights: str = ""
    lost: bool = field(default=False, metadata={RISK: endangers})
    by_hand: bool = field(default=False, metadata={RISK: endangers})
    moved: str = field(default="", compare=False)
    previous: str = field(default="", compare=False)
    undid: str = field(default="", compare=False)
    version: str = field(default="", compare=False)
    revision: str = field(default="", compare=False)
    provisioned: bool = field(default=False, compare=False)
    shifting: bool = field(default=False, compare=False)
    repository: str = field(default="", compare=False)
    image: str = field(default="", compare=False)
    meaning: Meaning | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """Function and alias, in the form of Lambda's qualified names."""
        return f"{self.function}:{ALIAS}"

    @classmethod
    def desired(cls, stage: Stage) -> "list[Alias]":
        """Return one per function, on the version of its release."""
        return [
            cls(
                one.function,
                one.release,
                repository=one.repository,
                image=one.image,
                meaning=one.meaning,
            )
            for one in stage.of_kind("version")
        ]

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[Alias]":
        """Return none: an alias is deleted with its function."""
        del inventory
        return []

    def observe(self, reads: Reads) -> "Alias | None":
        """Read the alias's versions and their releases."""
        found = current(self.function, reads)
        if found is None:
            return None
        version = found["FunctionVersion"]
        releases = {
            number: release_of_version(self.function, number, reads)
            for number in (version, *weights_of(found))
        }
        notes = notes_of(found)
        canary = _canary(found, releases, notes)
        others = {} if canary else weights_of(found)
        shifting = bool(others) and is_shifting(self.function, reads)
        return Alias(
            self.function,
            releases.get(version, ""),
            canary,
            "" if shifting else _shares(others),
            bool(self.image)
            and image_is_gone(self.function, version, self.repository, self.image, reads),
            self._is_by_hand(version, releases.get(version, ""), reads),
            str(notes.get("moved", "")),
            str(notes.get("previous", "")),
            str(notes.get("undid", "")),
            version,
            found.get("RevisionId", ""),
            is_provisioned(self.function, reads),
            shifting,
        )

    def _is_by_hand(self, version: str, release: str, reads: Reads) -> bool:
        return (
            self.meaning is not None
            and release == self.meaning.release
            and is_by_hand(self.function, version, self.meaning, reads)
        )

    def _version_of(self, release: str, reads: Reads) -> str:
        number = version_of_release(self.function, release, reads)
        if not number:
            raise MldeployError(
                "MLD422",
                f"no version of {self.function} has release {release}",
                "`mldeploy releases` lists what is there; `mldeploy deploy` publishes it again",
            )
        return number

    def create(self, context: Context) -> None:
        """Create it on the release's version."""
        answer = context.clients.functions.create_alias(
            FunctionName=self.function,
            Name=ALIAS,
            FunctionVersion=self._version_of(self.release, context.reads),
            Description=self._description(),
        )
        self._remember(answer, context)
        # Both belong to the alias (their API references, Qualifier), so a new one has none.
        for read in ("get_policy", "get_provisioned_concurrency_config"):
            context.clients.observation.remember("lambda", read, None, **policy_of(self.function))

    def update(self, before: "Alias", context: Context) -> None:
        """Move it, unless it was changed elsewhere since it was read (412 from Lambda).

        Waits for Lambda's gradual shifts to end, before the move and after it.
        """
        step = f"update alias {self.name}"
        revision = self._revision_after_shift(before, step, context)
        weights = {}
        if self.canary:
            weights[self._version_of(self.canary.release, context.reads)] = self.canary.share
        answer = context.clients.functions.update_alias(
            FunctionName=self.function,
            Name=ALIAS,
            FunctionVersion=self._version_of(self.release, context.reads),
            RoutingConfig={"AdditionalVersionWeights": weights},
            Description=self._description(),
            RevisionId=revision,
        )
        if before.provisioned:
            self.let_shift(context)
        else:
            self._remember(answer, context)

    def settle(self, context: Context) -> None:
        """Wait until all traffic has moved, which is gradual with provisioned concurrency."""
        if self.provisioned:
            self.let_shift(context)

    def let_shift(self, context: Context) -> None:
        """Wait until all traffic has moved.

        Raises:
            MldeployError: MLD423 after 15 minutes.
        """
        provisioned = ("lambda", "get_provisioned_concurrency_config")
        with context.clients.observation.outdates(*provisioned, FunctionName=self.function):
            found = shifted(self.function, context, f"update alias {self.name}")
        self._remember(found, context)

    def _remember(self, answer: dict[str, Any], context: Context) -> None:
        """Store a write's response as that of GetAlias (botocore's model, AliasConfiguration)."""
        context.clients.observation.remember(
            "lambda", "get_alias", answer, FunctionName=self.function, Name=ALIAS
        )

    def _revision_after_shift(self, before: "Alias", step: str, context: Context) -> str:
        """Return the revision to move from, which changes when a gradual shift ends.

        Raises:
            MldeployError: MLD406 if the alias was changed elsewhere in the meantime.
        """
        if not before.shifting:
            return before.revision
        found = shifted(self.function, context, step)
        notes = notes_of(found)
        if (found["FunctionVersion"], notes.get("moved", "")) != (before.version, before.moved):
            raise MldeployError(
                "MLD406",
                f"{self.name} was moved to version {found['FunctionVersion']} meanwhile",
                "wait until another deploy has ended, then run the same command again",
            )
        return str(found["RevisionId"])

    def delete(self, context: Context) -> None:
        """Delete it; the versions stay."""
        with missing_is_fine():
            context.clients.functions.delete_alias(FunctionName=self.function, Name=ALIAS)

    def _description(self) -> str:
        """Return the data for later runs. Lambda allows 256 characters."""
        notes: dict[str, Any] = {"by": "mldeploy", "moved": self.moved, "previous": self.previous}
        if self.undid:
            notes["undid"] = self.undid
        if self.canary:
            notes["canary"] = {
                "release": self.canary.release,
                "share": self.canary.share,
                "started": self.canary.started,
                "seconds": self.canary.seconds,
            }
        return json.dumps(notes, separators=(",", ":"))


def _canary(
    found: dict[str, Any], releases: dict[str, str], notes: dict[str, Any]
) -> Canary | None:
    """Return the canary in the description, if the weights match it."""
    ours, weights = notes.get("canary"), weights_of(found)
    if not isinstance(ours, dict) or len(weights) != 1:
        return None
    # Lambda allows one additional version (developer guide, "weighted aliases").
    ((version, share),) = weights.items()
    release = releases.get(version)
    if not release or ours.get("release") != release:
        return None
    return Canary(release, share, str(ours.get("started", "")), int(ours.get("seconds", 0)))


def _shares(weights: dict[str, float]) -> str:
    return ", ".join(f"{share:.0%} to version {version}" for version, share in weights.items())

"""The alias `live`: what the API calls, and so what users meet."""

from dataclasses import dataclass, field
from typing import ClassVar

from mldeploy.aws import missing_is_fine
from mldeploy.errors import MldeployError
from mldeploy.resources.base import Context
from mldeploy.resources.lambda_state import ALIAS, version_of_release, versions_by_release


@dataclass(frozen=True)
class Alias:
    """An alias that points at the version that carries a release.

    Attributes:
        function: the function's name.
        release: of the version that it points at.
        weights: (version, share) of further versions; none unless somebody set them.
        version: the number that it points at, assigned by Lambda.
        revision: the optimistic lock, assigned by Lambda.
    """

    kind: ClassVar[str] = "alias"
    actions: ClassVar[tuple[str, ...]] = (
        "lambda:CreateAlias",
        "lambda:DeleteAlias",
        "lambda:GetAlias",
        "lambda:UpdateAlias",
    )

    function: str
    release: str = ""
    weights: tuple[tuple[str, float], ...] = ()
    version: str = field(default="", compare=False)
    revision: str = field(default="", compare=False)

    @property
    def name(self) -> str:
        """Function and alias, as Lambda's qualified names are written."""
        return f"{self.function}:{ALIAS}"

    def observe(self, context: Context) -> "Alias | None":
        """Read where it points, and the release of that version."""
        found = context.clients.read("lambda", "get_alias", FunctionName=self.function, Name=ALIAS)
        if found is None:
            return None
        version = found["FunctionVersion"]
        routing = found.get("RoutingConfig") or {}
        weights = routing.get("AdditionalVersionWeights") or {}
        return Alias(
            self.function,
            versions_by_release(self.function, context).get(version, ""),
            tuple(sorted(weights.items())),
            version,
            found.get("RevisionId", ""),
        )

    def _target(self, context: Context) -> str:
        number = version_of_release(self.function, self.release, context)
        if not number:
            raise MldeployError(
                "MLD422",
                f"no version of {self.function} carries release {self.release}",
                "run `mldeploy deploy` again: it publishes the version first",
            )
        return number

    def create(self, context: Context) -> None:
        """Create it on the version that carries the release."""
        context.clients.functions.create_alias(
            FunctionName=self.function,
            Name=ALIAS,
            FunctionVersion=self._target(context),
            Description="What the API calls; moved by mldeploy",
        )

    def update(self, before: "Alias", context: Context) -> None:
        """Move it, unless somebody else has moved it since it was read."""
        context.clients.functions.update_alias(
            FunctionName=self.function,
            Name=ALIAS,
            FunctionVersion=self._target(context),
            RoutingConfig={"AdditionalVersionWeights": dict(self.weights)},
            RevisionId=before.revision,
        )

    def delete(self, context: Context) -> None:
        """Delete it; the versions stay."""
        with missing_is_fine():
            context.clients.functions.delete_alias(FunctionName=self.function, Name=ALIAS)

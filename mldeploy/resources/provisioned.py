"""Provisioned concurrency: environments that Lambda keeps ready for the alias."""

from dataclasses import dataclass
from typing import Any, ClassVar

from mldeploy.aws.clients import missing_is_fine
from mldeploy.errors import MldeployError
from mldeploy.events import Note, Waiting
from mldeploy.facts.thresholds import READY_SECONDS
from mldeploy.resources.alias_weights import has_canary, shifted, weights_of
from mldeploy.resources.base import Context, Reads
from mldeploy.resources.kind import FUNCTIONS, Calls, Inventory, Phase, Stage
from mldeploy.resources.lambda_state import ALIAS, concurrency_explained, live_version

EVERY_SECONDS = 3.0


@dataclass(frozen=True)
class ProvisionedConcurrency:
    """The alias's provisioned concurrency.

    Attributes:
        function: the function's name.
        count: as requested; Lambda takes a while to provide it.
        failure: why Lambda couldn't provide it; it must then be requested again.
    """

    kind: ClassVar[str] = "provisioned concurrency"
    phase: ClassVar[Phase] = Phase.AFTER_SHIFT
    calls: ClassVar[tuple[Calls, ...]] = (
        Calls(
            (
                *("lambda:DeleteProvisionedConcurrencyConfig", "lambda:GetAlias"),
                "lambda:GetProvisionedConcurrencyConfig",
                "lambda:PutProvisionedConcurrencyConfig",
            ),
            FUNCTIONS,
        ),
    )

    function: str
    count: int = 0
    failure: str = ""

    @property
    def name(self) -> str:
        """Function and alias, in the form of Lambda's qualified names."""
        return f"{self.function}:{ALIAS}"

    @property
    def _which(self) -> dict[str, str]:
        return {"FunctionName": self.function, "Qualifier": ALIAS}

    @classmethod
    def desired(cls, stage: Stage) -> "list[ProvisionedConcurrency]":
        """Return one per function that is configured for it."""
        return [
            cls(stage.config.function_name(one.name), one.provisioned_concurrency)
            for one in stage.config.functions
            if one.provisioned_concurrency
        ]

    @classmethod
    def seed(cls, inventory: Inventory) -> "list[ProvisionedConcurrency]":
        """Return one per function."""
        return [cls(one) for one in inventory.functions]

    def observe(self, reads: Reads) -> "ProvisionedConcurrency | None":
        """Read what was requested, and whether it failed; None without an alias."""
        if not live_version(self.function, reads):
            return None
        found = reads.read("lambda", "get_provisioned_concurrency_config", **self._which)
        if found is None:
            return None
        requested = found["RequestedProvisionedConcurrentExecutions"]
        return ProvisionedConcurrency(self.function, requested, _failure(found))

    def create(self, context: Context) -> None:
        """Request the environments, and wait for them."""
        self._request("create", context)

    def update(self, before: "ProvisionedConcurrency", context: Context) -> None:
        """Request another number, or again after a failure, and wait."""
        del before
        self._request("update", context)

    def _request(self, action: str, context: Context) -> None:
        if self._is_shared(context):
            return
        with concurrency_explained(self.function, "provisioned_concurrency"):
            context.clients.functions.put_provisioned_concurrency_config(
                **self._which, ProvisionedConcurrentExecutions=self.count
            )
        self._wait(f"{action} {self.kind} {self.name}", context)

    def _wait(self, step: str, context: Context) -> None:
        """Wait until all are ready; botocore has no waiter for it (waiters-2.json of lambda).

        Raises:
            MldeployError: MLD451 with Lambda's reason if it failed, MLD452 after 15 minutes.
        """
        reason = ""
        for waited in context.clients.polls(READY_SECONDS, EVERY_SECONDS):
            found = context.clients.functions.get_provisioned_concurrency_config(**self._which)
            failure = _failure(found)
            if failure:
                raise MldeployError(
                    "MLD451",
                    f"Lambda couldn't provision {self.count} environments of {self.name}: "
                    f"{failure}",
                    "requests are answered without them; fix that and run the same command again",
                )
            if found["Status"] == "READY":
                return
            ready = found.get("AvailableProvisionedConcurrentExecutions", 0)
            reason = f"{ready} of {self.count} environments are ready"
            context.emit(Waiting(step, reason, waited))
        raise MldeployError(
            "MLD452",
            f"{self.name} was not provisioned after {READY_SECONDS:.0f} s: {reason}",
            "Lambda goes on with it, and requests are answered meanwhile; `mldeploy plan` tells "
            "whether it failed",
        )

    def delete(self, context: Context) -> None:
        """Release the environments."""
        if self._is_shared(context):
            return
        with missing_is_fine():
            context.clients.functions.delete_provisioned_concurrency_config(**self._which)

    def _is_shared(self, context: Context) -> bool:
        """Return whether a canary is in progress, during which this can't be changed.

        Lambda developer guide, "Configuring provisioned concurrency": not while the alias has a
        routing configuration. Lambda responds "Alias with weights can not be used with Provisioned
        Concurrency" (serverless-application-model#1353). It removes the weights that it set itself.
        """
        alias = context.reads.read("lambda", "get_alias", FunctionName=self.function, Name=ALIAS)
        if alias is None or not weights_of(alias):
            return False
        if not has_canary(alias):
            shifted(self.function, context, f"change {self.kind} {self.name}")
            return False
        context.emit(
            Note(f"the {self.kind} of {self.name} stays as it is until its canary has ended")
        )
        return True


def _failure(found: dict[str, Any]) -> str:
    if found.get("Status") != "FAILED":
        return ""
    return str(found.get("StatusReason") or "no reason given")

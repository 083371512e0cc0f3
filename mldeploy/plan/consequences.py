"""What a plan means for the people behind it, as data: `mldeploy.deploy.consequences` finds out."""

from dataclasses import dataclass, field

from mldeploy.facts.prices import REGION
from mldeploy.text.data import HIDDEN, InJson, in_json


@dataclass(frozen=True)
class ModelChange:
    """A function that is about to serve another model.

    Attributes:
        function: its name in the file.
        differences: between the model that is live and the new one; empty where nothing is
            known of one of them.
        breaking: those of the differences that may break the clients.
        live_bytes: of the live image in ECR, compressed; None where nobody knows.
        new_bytes: of the new image in ECR; None before it is built and pushed.
        known: whether both models' facts could be read.
    """

    function: str
    differences: tuple[str, ...] = ()
    breaking: tuple[str, ...] = ()
    live_bytes: int | None = None
    new_bytes: int | None = None
    known: bool = field(default=True, metadata=HIDDEN)


@dataclass(frozen=True)
class Consequences:
    """Of a plan: other models, what becomes public or permitted, and what that may cost.

    Attributes:
        models: that are about to change.
        opened: what becomes public or permitted.
        ceiling: the most that the requests can cost, USD an hour; None where that doesn't change.
        readable: what of the training data becomes readable.
        region: whose prices the ceiling is computed with.
    """

    models: tuple[ModelChange, ...] = ()
    opened: tuple[str, ...] = ()
    ceiling: float | None = field(
        default=None, metadata=in_json(InJson(key="cost_ceiling_usd_per_hour", digits=2))
    )
    readable: tuple[str, ...] = ()
    region: str = field(default=REGION, metadata=HIDDEN)

    @property
    def breaking(self) -> tuple[str, ...]:
        """What may break clients, with the function's name."""
        return tuple(f"{one.function}: {text}" for one in self.models for text in one.breaking)

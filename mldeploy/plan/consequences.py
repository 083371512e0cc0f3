"""Consequences of a plan, as data; `mldeploy.deploy.consequences` determines them."""

from dataclasses import dataclass, field

from mldeploy.facts.prices import REGION
from mldeploy.text.data import HIDDEN, InJson, in_json


@dataclass(frozen=True)
class ModelChange:
    """A function that is about to serve another model.

    Attributes:
        function: its name in the file.
        differences: between the live model and the new one; empty if one of them is unknown.
        breaking: the differences that may break clients.
        live_bytes: of the live image in ECR, compressed; None if unknown.
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
    """Of a plan: new models, new access and permissions, and their maximum cost.

    Attributes:
        models: that change.
        opened: what becomes public or permitted.
        ceiling: maximum cost of requests, USD per hour; None if it doesn't change.
        readable: the training data that becomes readable.
        region: whose prices the ceiling uses.
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

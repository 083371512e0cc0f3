"""Measurements of an image's cold start, and their results."""

import statistics
from dataclasses import dataclass

from mldeploy.images.trials import Trial


@dataclass(frozen=True)
class Measurement:
    """A measurement to make.

    Attributes:
        image: its id or name, on this machine.
        trial: the function's settings; its memory determines the share of a CPU, as in Lambda.
        event: payload of a direct invoke.
    """

    image: str
    trial: Trial
    event: bytes


@dataclass(frozen=True)
class ColdStart:
    """The result of a measurement; all times in seconds.

    Attributes:
        packages: (package, import time of its own modules), slowest first.
        imports: needed to load the model.
        load: of the model.
        first: first prediction of one row.
        warm: median of later ones.
        runs: from the container's start to the first response, one per container.
    """

    packages: tuple[tuple[str, float], ...]
    imports: float
    load: float
    first: float
    warm: float
    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median of the runs."""
        return statistics.median(self.runs)

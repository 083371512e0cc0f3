"""What is measured of an image's cold start, and what comes of it."""

import statistics
from dataclasses import dataclass

from mldeploy.images.trials import Trial


@dataclass(frozen=True)
class Measurement:
    """What is measured.

    Attributes:
        image: its id or name, on this machine.
        trial: the function's settings; a share of a processor goes with its memory, as in
            Lambda.
        event: what is sent, as a direct invoke's payload.
    """

    image: str
    trial: Trial
    event: bytes


@dataclass(frozen=True)
class ColdStart:
    """What was measured; all times in seconds.

    Attributes:
        packages: (package, time of its own modules' imports), the slowest first.
        imports: of what loading the model needs first.
        load: of the model.
        first: of the first prediction of one row.
        warm: of a later one, the median.
        runs: from the container's start to the first answer, one for each container.
    """

    packages: tuple[tuple[str, float], ...]
    imports: float
    load: float
    first: float
    warm: float
    runs: tuple[float, ...]

    @property
    def median(self) -> float:
        """Of the runs."""
        return statistics.median(self.runs)

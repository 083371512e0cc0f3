"""Runs images in containers of a Docker engine."""

from collections.abc import Callable
from typing import Any

from mldeploy.events import Emit
from mldeploy.images.builder import Built, Outcome
from mldeploy.images.cold_start import ColdStart, Measurement
from mldeploy.images.docker.cold_start import measure
from mldeploy.images.docker.connection import translated
from mldeploy.images.docker.trial import try_out
from mldeploy.images.trials import Trial


class DockerRunner:
    """Runs images in containers with Lambda's limits.

    Args:
        connected: returns docker-py's low-level client.
    """

    def __init__(self, connected: Callable[[], Any]) -> None:
        self._connected = connected

    def try_out(self, built: Built, trial: Trial) -> Outcome:
        """Send a function's golden examples to an image.

        Raises:
            MldeployError: MLD301 if the engine doesn't respond.
        """
        with translated():
            return try_out(self._connected(), built, trial)

    def measure(self, wanted: Measurement, runs: int, emit: Emit) -> ColdStart:
        """Measure an image's cold start.

        Raises:
            MldeployError: MLD301 without an engine, MLD350 if the image doesn't respond.
        """
        return measure(self._connected(), wanted, runs, emit)

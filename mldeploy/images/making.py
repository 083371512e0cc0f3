"""Selects the builder and runner of images."""

import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.http.registry import Send
from mldeploy.http.streams import answered
from mldeploy.images.builder import Builder, BuildOptions, Built, Outcome, Runner
from mldeploy.images.checked import Checked
from mldeploy.images.cold_start import ColdStart, Measurement
from mldeploy.images.direct import DirectBuilder, StagedRunner
from mldeploy.images.direct.builder import Logins
from mldeploy.images.docker import DockerBuilder, DockerRunner
from mldeploy.images.docker.logins import login_for
from mldeploy.images.passing import Passing
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trials import Trial

_NO_ENGINE = "MLD301"
_WITHOUT = "the image is made without Docker: {}"


@dataclass(frozen=True)
class Making:
    """The builder and the runner of images on this machine."""

    builder: Builder
    runner: Runner


def making(choice: str = "auto", send: Send = answered) -> Making:
    """Return the builder and runner of images, which connect when first used.

    Args:
        choice: "docker", "direct", or "auto" for Docker if an engine is running.
        send: sends a request to a registry; see `mldeploy.http.streams.answered`.
    """
    match choice:
        case "docker":
            return with_docker(send=send)
        case "direct":
            return directly(send)
        case _:
            chosen = _Chosen(send)
            return Making(chosen, chosen)


def with_docker(api: Any = None, send: Send = answered) -> Making:
    """Return the builder and runner of a Docker engine.

    Args:
        api: docker-py's low-level client; the environment's engine if None.
        send: sends a request to a registry; see `mldeploy.http.streams.answered`.
    """
    builder = DockerBuilder(api, send)
    runner = DockerRunner(lambda: builder.api)
    return Making(Checked(builder, runner), runner)


def directly(send: Send = answered, logins: Logins = login_for) -> Making:
    """Return the builder and runner without an engine.

    Args:
        send: sends a request to a registry; see `mldeploy.http.streams.answered`.
        logins: returns user and password for the registry of a base image.
    """
    builder = DirectBuilder(logins, send)
    runner = StagedRunner(builder.made)
    return Making(Checked(builder, runner), runner)


class _Chosen(Passing):
    """Docker if an engine is running, else without an engine; decided when first used."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._why = ""

    @cached_property
    def _making(self) -> Making:
        try:
            api = DockerBuilder().api
        except MldeployError as error:
            # An engine chosen by the environment is required.
            if error.code != _NO_ENGINE or os.environ.get("DOCKER_HOST"):
                raise
            self._why = error.message
            return directly(self._send)
        return with_docker(api, self._send)

    @property
    def _builder(self) -> Builder:
        return self._making.builder

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        builder = self._builder  # which may say why there is no engine
        if self._why:
            emit(Note(_WITHOUT.format(self._why)))
            self._why = ""
        return builder.build(spec, emit, options)

    def try_out(self, built: Built, trial: Trial) -> Outcome:
        return self._making.runner.try_out(built, trial)

    def measure(self, wanted: Measurement, runs: int, emit: Emit) -> ColdStart:
        return self._making.runner.measure(wanted, runs, emit)

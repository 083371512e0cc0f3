"""The one place where it is decided what makes and runs images."""

from dataclasses import dataclass
from typing import Any

from mldeploy.http.call import call
from mldeploy.images.builder import Builder, Runner
from mldeploy.images.checked import Checked
from mldeploy.images.docker import DockerBuilder, DockerRunner
from mldeploy.images.docker.attaching import Call


@dataclass(frozen=True)
class Making:
    """What makes images on this machine, checked, and what runs them."""

    builder: Builder
    runner: Runner


def with_docker(api: Any = None, call: Call = call) -> Making:
    """Return what makes and runs images with a Docker engine; nothing is touched before it is used.

    Args:
        api: docker-py's low-level client; the engine that the environment names if None.
        call: sends a request to a registry.
    """
    builder = DockerBuilder(api, call)
    runner = DockerRunner(lambda: builder.api)
    return Making(Checked(builder, runner), runner)

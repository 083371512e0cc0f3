"""The Docker engine: the only place that imports docker."""

from mldeploy.images.docker.builder import DockerBuilder
from mldeploy.images.docker.runner import DockerRunner

__all__ = ["DockerBuilder", "DockerRunner"]

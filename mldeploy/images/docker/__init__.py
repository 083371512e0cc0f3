"""The Docker engine: the only place that imports docker."""

from mldeploy.images.docker.builder import DockerBuilder

__all__ = ["DockerBuilder"]

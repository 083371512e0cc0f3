"""The Docker engine: the only place that imports docker."""

from mldeploy.engine.builder import DockerBuilder

__all__ = ["DockerBuilder"]

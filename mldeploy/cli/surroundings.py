"""The surroundings of a command."""

from dataclasses import dataclass

from mldeploy.deploy.outside import Outside
from mldeploy.render import Renderer


@dataclass(frozen=True)
class Surroundings:
    """A command's renderer, and the clock, network, Docker and AWS that it uses."""

    renderer: Renderer
    outside: Outside

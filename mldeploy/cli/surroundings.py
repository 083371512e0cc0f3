"""What every command gets beside its options."""

from dataclasses import dataclass

from mldeploy.deploy.outside import Outside
from mldeploy.render import Renderer


@dataclass(frozen=True)
class Surroundings:
    """Where a command's result goes, and what it reaches beyond this process."""

    renderer: Renderer
    outside: Outside

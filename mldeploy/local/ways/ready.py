"""How a model becomes something that runs: the interface of the two ways, and what they share."""

from collections.abc import Callable
from typing import Protocol

from mldeploy.config import Config, FunctionConfig
from mldeploy.config.secret_values import values_here
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trials import command_of
from mldeploy.local.api.payload import ACCOUNT
from mldeploy.local.environments.output import Log
from mldeploy.local.environments.runs import Runs
from mldeploy.local.environments.variables import lambda_variables

RELEASE = "local"
_REGION = "us-east-1"
"""Where neither file nor environment names one."""


class Ready(Protocol):
    """A model that can be run."""

    @property
    def fingerprint(self) -> str:
        """The image's tag."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """In which ways it isn't the image."""
        ...

    def environments(self, function: FunctionConfig, log: Log) -> Callable[[], Runs]:
        """Return what makes execution environments of a function, whose lines go to `log`."""
        ...

    def discard(self) -> None:
        """Remove what none of its environments needs any more."""
        ...


class Way(Protocol):
    """A way to make models run."""

    def prepare(self, spec: ImageSpec) -> Ready:
        """Make a model run that an image's recipe describes.

        Raises:
            MldeployError: of what can't be made.
        """
        ...


def region_of(config: Config) -> str:
    """Return the region that functions are told."""
    return config.region or _REGION


def arn_of(config: Config, function: FunctionConfig) -> str:
    """Return the ARN that functions are told."""
    name = config.function_name(function.name)
    return f"arn:aws:lambda:{region_of(config)}:{ACCOUNT}:function:{name}"


def variables_of(config: Config, function: FunctionConfig, task: str) -> dict[str, str]:
    """Return the variables that Lambda and the file give a function; `task`: its code's folder."""
    lambdas = lambda_variables(
        name=config.function_name(function.name),
        version="$LATEST",
        handler=command_of(function),
        memory=function.memory,
        region=region_of(config),
        task=task,
    )
    own = {**dict(function.environment), **config.variables(function)}
    own |= values_here(config.root, function.secrets).known
    return {**own, "MLDEPLOY_RELEASE": RELEASE, **lambdas}

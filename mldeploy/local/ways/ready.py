"""The interface of the two ways to run models, and their shared parts."""

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
"""The region if neither file nor environment specifies one."""


class Ready(Protocol):
    """A model that can be run."""

    @property
    def fingerprint(self) -> str:
        """The image's tag."""
        ...

    @property
    def remarks(self) -> tuple[str, ...]:
        """How it differs from the image."""
        ...

    def environments(self, function: FunctionConfig, log: Log) -> Callable[[], Runs]:
        """Return a function that creates a function's environments, which write to `log`."""
        ...

    def discard(self) -> None:
        """Remove what its environments no longer need."""
        ...


class Way(Protocol):
    """A way to run models."""

    def prepare(self, spec: ImageSpec) -> Ready:
        """Prepare the model of an image's recipe.

        Raises:
            MldeployError: if that fails.
        """
        ...


def region_of(config: Config) -> str:
    """Return the functions' region."""
    return config.region or _REGION


def arn_of(config: Config, function: FunctionConfig) -> str:
    """Return a function's ARN."""
    name = config.function_name(function.name)
    return f"arn:aws:lambda:{region_of(config)}:{ACCOUNT}:function:{name}"


def variables_of(config: Config, function: FunctionConfig, task: str) -> dict[str, str]:
    """Return a function's variables from Lambda and the file; `task`: its code's folder."""
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

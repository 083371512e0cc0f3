"""Runs models as containers of their image with Lambda's limits."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mldeploy.config import Config, FunctionConfig
from mldeploy.config.task import TASK
from mldeploy.errors import MldeployError
from mldeploy.events import Emit
from mldeploy.images.builder import Builder
from mldeploy.images.docker.connection import connect
from mldeploy.images.docker.running import LABEL, SECONDS, owners, remove_containers
from mldeploy.images.making import with_docker
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trials import command_of
from mldeploy.local.environments.container import ContainerEnvironment, ContainerLaunch
from mldeploy.local.environments.output import Log
from mldeploy.local.environments.owners import has_crashed, own
from mldeploy.local.environments.runs import Runs
from mldeploy.local.ways.ready import arn_of, variables_of


class Images:
    """Builds models' images if necessary. See `Way`.

    Args:
        config: the project.
        emit: receives the build's progress.
        say: receives notes.
        builder: of the images.
        api: docker-py's low-level client; the environment's engine if None.

    Raises:
        MldeployError: MLD301 without an engine.
    """

    def __init__(
        self,
        config: Config,
        emit: Emit,
        say: Log,
        builder: Builder | None = None,
        api: Any = None,
    ) -> None:
        self._config, self._emit, self._say = config, emit, say
        self._builder = builder or with_docker().builder
        self._api = api or connect(SECONDS)
        self.owner = own()
        left = sum(
            remove_containers(one, self._api) for one in owners(self._api) if has_crashed(one)
        )
        if left:
            say(f"removed {left} container(s) that a killed command left behind")

    def prepare(self, spec: ImageSpec) -> "BuiltModel":
        """Build a model's image, unless it exists.

        Raises:
            MldeployError: of the build.
        """
        built = self._builder.build(spec, self._emit)
        return BuiltModel(self._config, spec.fingerprint, built.image_id, self.owner, self._api)

    def close(self) -> None:
        """Remove containers that were being created at the end."""
        try:
            remove_containers(self.owner, self._api)
        except MldeployError as error:
            self._say(f"containers with the label {LABEL}={self.owner} may still exist: {error}")


@dataclass(frozen=True)
class BuiltModel:
    """A model's image. See `Ready`."""

    config: Config
    fingerprint: str
    image: str
    owner: str
    api: Any = field(repr=False)
    remarks: tuple[str, ...] = ()

    def environments(self, function: FunctionConfig, log: Log) -> Callable[[], Runs]:
        """Return a function that creates a function's containers."""
        told = variables_of(self.config, function, TASK)
        wanted = ContainerLaunch(
            image=self.image,
            name=self.config.function_name(function.name),
            arn=arn_of(self.config, function),
            # The image's own command is the model's handler.
            command=command_of(function) if function.custom else None,
            memory=function.memory,
            timeout=function.timeout,
            ephemeral_storage=function.ephemeral_storage,
            variables=tuple(sorted(told.items())),
            labels=((LABEL, self.owner),),
        )
        return lambda: ContainerEnvironment(wanted, log, self.api)

    def discard(self) -> None:
        """Keep the image, which may be served again."""

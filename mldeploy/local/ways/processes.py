"""Runs models as processes, in a copy of the image's files."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mldeploy.config import Config, FunctionConfig
from mldeploy.config.secret_values import told_missing
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trials import command_of
from mldeploy.local.environments.output import Log
from mldeploy.local.environments.process import Environment, Launch
from mldeploy.local.environments.runs import Runs
from mldeploy.local.ways.ready import arn_of, variables_of
from mldeploy.local.ways.staging import Staged, stage


class Processes:
    """Copies models' files, without Docker. See `Way`.

    Args:
        config: the project.
        folder: an empty one for the copies.
    """

    def __init__(self, config: Config, folder: Path) -> None:
        self._config, self._folder = config, folder
        self._copies = 0

    def prepare(self, spec: ImageSpec) -> "StagedModel":
        """Copy a model's files."""
        self._copies += 1
        missing = (told_missing(one.missing) for one in spec.trials if one.missing)
        staged = stage(spec, self._folder / str(self._copies))
        return StagedModel(self._config, staged, tuple(missing))


@dataclass(frozen=True)
class StagedModel:
    """A model's copy. See `Ready`."""

    config: Config
    staged: Staged
    missing: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The image's tag."""
        return self.staged.fingerprint

    @property
    def remarks(self) -> tuple[str, ...]:
        """How it differs from the image, and which secrets have no local value."""
        unlike = (f"differs from the image: {one}" for one in self.staged.remarks)
        return (*unlike, *self.missing)

    def environments(self, function: FunctionConfig, log: Log) -> Callable[[], Runs]:
        """Return a function that creates a function's processes."""
        wanted = launch(self.config, function, self.staged)
        return lambda: Environment(wanted, log)

    def discard(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self.staged.folder, ignore_errors=True)


def launch(config: Config, function: FunctionConfig, staged: Staged) -> Launch:
    """Return the settings of a function's processes."""
    variables = variables_of(config, function, str(staged.folder))
    return Launch(
        name=config.function_name(function.name),
        arn=arn_of(config, function),
        task=staged.folder,
        handler=command_of(function),
        memory=function.memory,
        timeout=function.timeout,
        variables=tuple(sorted(variables.items())),
        image_variables=staged.variables,
        absent=staged.absent,
    )

"""Makes an image's layers from its recipe."""

import os
import shutil
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note, Progress
from mldeploy.http.repository import Repository
from mldeploy.images.direct.base import labels_of
from mldeploy.images.direct.elf import foreign_objects
from mldeploy.images.direct.interpreter import Interpreter
from mldeploy.images.direct.known import keep, kept, key_of, labelled
from mldeploy.images.direct.layer import make_layer
from mldeploy.images.direct.made import Part
from mldeploy.images.direct.requirements import has, install, run_program
from mldeploy.images.layout import LAYERS, layer_of
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trees import copy_files

REQUIREMENTS = "requirements"
"""The layer that pip installs; the others are copied."""
_COPIED = tuple(name for name in LAYERS if name != REQUIREMENTS)
_THIS = sys.executable
_SETTLE, _PRUNE, _OPENMP, _IMPORTS = "settle.py", "prune.py", "openmp.py", "imports.py"
_UNCOMPILED = (
    "Python {0} isn't installed, so the image has no byte-code: a cold start takes about "
    "2.8 times as long; install Python {0}, or build with Docker"
)


@dataclass(frozen=True)
class Previous:
    """An image in a registry: its repository and digest."""

    repository: Repository
    digest: str


@dataclass(frozen=True)
class Layers:
    """The layers of a recipe, and the folder that they are made in.

    Attributes:
        spec: the recipe.
        folder: an empty one, for all files.
        python: compiles the byte-code; None if this machine lacks the image's version.
        emit: receives the progress.
        fresh: whether to ignore cached layers.
    """

    spec: ImageSpec
    folder: Path
    python: Interpreter | None
    emit: Emit
    fresh: bool = False

    @cached_property
    def key(self) -> str:
        """The key of the layer of requirements."""
        return key_of(self.spec, compiled=self.python is not None)

    @property
    def requirements(self) -> Path:
        """The folder that represents /var/task, with only the requirements."""
        return self._task(REQUIREMENTS)

    @property
    def task(self) -> Path:
        """The folder that represents /var/task, with everything but the requirements."""
        return self._task("together")

    def _task(self, name: str) -> Path:
        return self.folder / name / "var" / "task"

    def make(self, previous: Previous | None) -> tuple[Part, ...]:
        """Make the layers, the lowest first; a cached layer of requirements is reused.

        Raises:
            MldeployError: MLD302, MLD303, MLD312, MLD327, MLD328.
            OSError: the disk is full.
        """
        if self.python is None:
            self.emit(Note(_UNCOMPILED.format(self.spec.python), "warning"))
        for name in _COPIED:
            self._task(name).mkdir(parents=True)
        copy_files(self.spec, lambda name: self._task(one) if (one := layer_of(name)) else None)
        parts = (self._of_requirements(previous), *map(self._of_copies, _COPIED))
        _link_together([self._task(name) for name in _COPIED], self.task)
        return parts

    def _of_copies(self, name: str) -> Part:
        self._settle(name)
        return self._part(name)

    def _part(self, name: str) -> Part:
        file = self.folder / f"{name}.tar.gz"
        return Part(name, make_layer(self.folder / name, file), file)

    def _settle(self, name: str) -> None:
        """Compile byte-code; times are the same in every layer anyway."""
        if self.python is not None and any((self.folder / name).rglob("*.py")):
            run_program(self.python.program, _SETTLE, self.spec, self.folder / name)

    def _of_requirements(self, previous: Previous | None) -> Part:
        if previous and not self.fresh:
            labels = labels_of(previous.repository, previous.digest)
            layer = labelled(labels, self.key)
            if layer and previous.repository.has(layer.digest):
                self.emit(Progress("build", "the previous image has the same requirements"))
                return Part(REQUIREMENTS, layer, None)
        here = None if self.fresh else kept(self.key)
        if here:
            self.emit(Progress("build", "the requirements were installed before"))
            return Part(REQUIREMENTS, *here)
        install(self.spec, self.requirements, self.emit)
        self._finish()
        with ThreadPoolExecutor(1) as beside:
            checked = beside.submit(self._require_imports)
            part = self._part(REQUIREMENTS)
            checked.result()
        if part.file:
            keep(self.key, part.layer, part.file)
        return part

    def _finish(self) -> None:
        """Process the requirements as the Dockerfile does."""
        task, aside = self.requirements, self.folder / "pruned"
        self._require_architecture(task)
        anything = self.python.program if self.python else _THIS
        if has(self.spec, _PRUNE):
            run_program(anything, _PRUNE, self.spec, task, aside)
        run_program(anything, _OPENMP, self.spec, task)
        self._settle(REQUIREMENTS)

    def _require_imports(self) -> None:
        """Check that pruning broke no import, where this machine can tell."""
        task, aside = self.requirements, self.folder / "pruned"
        if has(self.spec, _PRUNE) and self.python and self.python.runs(self.spec.architecture):
            run_program(self.python.program, _IMPORTS, self.spec, task, aside)

    def _require_architecture(self, task: Path) -> None:
        foreign = next(foreign_objects(task, self.spec.architecture), None)
        if foreign is not None:
            raise MldeployError(
                "MLD303",
                f"{foreign.relative_to(task)} of the requirements isn't built for "
                f"{self.spec.architecture}, the function's architecture",
                "use another version of that package, or change [project] architecture",
            )


def _link_together(sources: Iterable[Path], target: Path) -> None:
    """Link folders' files into another folder, without copying them."""
    for source in sources:
        shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)

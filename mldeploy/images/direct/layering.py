"""Making an image's layers of its recipe."""

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
"""The layer that pip makes; the others are copied."""
_COPIED = tuple(name for name in LAYERS if name != REQUIREMENTS)
_THIS = sys.executable
_SETTLE, _PRUNE, _OPENMP, _IMPORTS = "settle.py", "prune.py", "openmp.py", "imports.py"
_UNCOMPILED = (
    "no Python {0} is installed here to compile the image's byte-code: a cold start takes about "
    "2.8 times as long; install Python {0}, or build with Docker"
)


@dataclass(frozen=True)
class Previous:
    """An image that is in a registry: its repository, and its digest."""

    repository: Repository
    digest: str


@dataclass(frozen=True)
class Layers:
    """The layers of a recipe, made in a folder.

    Attributes:
        spec: the recipe.
        folder: an empty one, for everything that is made.
        python: compiles the byte-code; None if this machine has none of the image's version.
        emit: takes the progress.
        fresh: whether nothing that was made before is used.
    """

    spec: ImageSpec
    folder: Path
    python: Interpreter | None
    emit: Emit
    fresh: bool = False

    @cached_property
    def key(self) -> str:
        """What the layer of requirements is known by."""
        return key_of(self.spec, compiled=self.python is not None)

    @property
    def requirements(self) -> Path:
        """The folder that stands for /var/task, with the requirements alone."""
        return self._task(REQUIREMENTS)

    @property
    def task(self) -> Path:
        """The folder that stands for /var/task, with everything else."""
        return self._task("together")

    def _task(self, name: str) -> Path:
        return self.folder / name / "var" / "task"

    def make(self, previous: Previous | None) -> tuple[Part, ...]:
        """Make the layers, the lowest first; what was made before is taken over.

        Raises:
            MldeployError: MLD302, MLD303, MLD312, MLD327, MLD328.
            OSError: there is no room.
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
        """Do with the requirements what the Dockerfile does."""
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
                f"{foreign.relative_to(task)} of the requirements isn't for "
                f"{self.spec.architecture}, which the function wants",
                "look for another version of that package, or change [project] architecture",
            )


def _link_together(sources: Iterable[Path], target: Path) -> None:
    """Give folders' files one place more, without a copy."""
    for source in sources:
        shutil.copytree(source, target, copy_function=os.link, dirs_exist_ok=True)

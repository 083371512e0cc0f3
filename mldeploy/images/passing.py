"""A builder in front of another one."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

from mldeploy.events import Emit
from mldeploy.images.attachments import Document, Subject
from mldeploy.images.builder import (
    Builder,
    BuildOptions,
    Built,
    ImageRef,
    RepositoryTarget,
    Retention,
)
from mldeploy.images.spec import ImageSpec


class Passing(ABC):
    """A `Builder` that passes each call to another one; subclasses override what differs."""

    @property
    @abstractmethod
    def _builder(self) -> Builder:
        """The other builder."""

    def check(self, spec: ImageSpec) -> list[str]:
        """Return problems that are known before a build."""
        return self._builder.check(spec)

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        """Build the image unless it exists."""
        return self._builder.build(spec, emit, options)

    def push(self, built: Built, repository: RepositoryTarget, emit: Emit) -> ImageRef:
        """Push an image with the target's tag."""
        return self._builder.push(built, repository, emit)

    def save(self, built: Built, target: Path) -> None:
        """Write it to a file that `docker load` reads."""
        self._builder.save(built, target)

    def attach(
        self, documents: Iterable[Document], subject: Subject, repository: RepositoryTarget
    ) -> None:
        """Attach documents to a pushed image."""
        self._builder.attach(documents, subject, repository)

    def tidy(self, retention: Retention, emit: Emit) -> None:
        """Remove superseded images."""
        self._builder.tidy(retention, emit)

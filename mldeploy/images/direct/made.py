"""A built image: its folders and layers on this machine, and the registry with the other layers."""

import tarfile
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mldeploy.errors import disk_full
from mldeploy.http.blobs import Blob
from mldeploy.http.repository import Repository
from mldeploy.images.direct.document import Base, Documents
from mldeploy.images.direct.layer import Layer


@dataclass(frozen=True)
class Part:
    """A layer of an image.

    Attributes:
        name: of `images.layout.LAYERS`.
        layer: as in a registry.
        file: its compressed tar, or None if it is only in a registry.
    """

    name: str
    layer: Layer
    file: Path | None


@dataclass(frozen=True)
class Made:
    """An image.

    Attributes:
        documents: its configuration and manifest.
        base: its base image.
        base_repository: contains the base's layers.
        parts: our layers, the lowest first.
        task: a folder with what is below /var/task, but for the requirements.
        requirements: the folder for these; there is one if they were installed or unpacked.
        previous: a repository that holds the parts without a file, or None.
    """

    documents: Documents
    base: Base
    base_repository: Repository = field(repr=False)
    parts: tuple[Part, ...]
    task: Path
    requirements: Path
    previous: Repository | None = field(default=None, repr=False)

    def unpack(self) -> bool:
        """Unpack the requirements where this machine has their layer; return whether it has.

        Raises:
            MldeployError: MLD620 without room.
        """
        kept = self.parts[0].file
        if kept is None:
            return False
        try:
            with tarfile.open(kept) as tar:
                tar.extractall(self.requirements.parents[1], filter="data")
        except OSError as error:
            raise disk_full(error) or error from error
        return True

    def opened(self, part: Part) -> AbstractContextManager[IO[bytes]]:
        """Open a part's compressed tar, from its file or from the previous repository."""
        if part.file is not None:
            return part.file.open("rb")
        if self.previous is None:
            raise ValueError(f"{part.name} has no file and no repository")
        return self.previous.stream(Blob(part.layer.digest, part.layer.size))

    @property
    def size(self) -> int:
        """Bytes of the layers: ours unpacked, and the base's compressed, as only that is known."""
        below = sum(one.size for one in self.base.blobs)
        return below + sum(part.layer.unpacked for part in self.parts)

"""Builds and pushes images in this process, without an engine."""

from collections.abc import Callable, Iterable
from pathlib import Path

from mldeploy.errors import disk_full
from mldeploy.events import Emit
from mldeploy.files.scratch import Scratch
from mldeploy.files.shipped import shipped
from mldeploy.http.references import parsed
from mldeploy.http.registry import Registry, Send
from mldeploy.http.repository import Repository
from mldeploy.http.streams import answered
from mldeploy.images.attaching import attach
from mldeploy.images.attachments import Document, Subject
from mldeploy.images.builder import BuildOptions, Built, ImageRef, RepositoryTarget, Retention
from mldeploy.images.direct.base import read_base
from mldeploy.images.direct.document import Base, Container, Documents, documents
from mldeploy.images.direct.interpreter import interpreter_of
from mldeploy.images.direct.known import LABEL, label_of
from mldeploy.images.direct.layering import Layers, Previous
from mldeploy.images.direct.made import Made, Part
from mldeploy.images.direct.pushing import push
from mldeploy.images.direct.requirements import content_of, require_supported
from mldeploy.images.direct.saving import save
from mldeploy.images.dockerfile import command_in, variables_in
from mldeploy.images.layout import DOCKERFILE
from mldeploy.images.spec import ImageSpec

Logins = Callable[[str], tuple[str, str]]
"""Returns username and password for an image's registry, ("", "") for anonymous access."""


class DirectBuilder:
    """Builds images on a base image, whose layers stay in its registry until a push copies them.

    Args:
        logins: for the base's registry.
        send: sends a request to a registry; see `mldeploy.http.streams.answered`.
    """

    def __init__(self, logins: Logins, send: Send = answered) -> None:
        self._logins, self._send = logins, send
        self._made: dict[str, Made] = {}
        self._scratch: list[Scratch] = []

    def made(self, image_id: str) -> Made:
        """Return an image that this process has built."""
        return self._made[image_id]

    def check(self, spec: ImageSpec) -> list[str]:
        """Return no problems; raise an error if the recipe needs an engine.

        Raises:
            MldeployError: MLD361 for a Dockerfile of the user's own.
        """
        require_supported(spec, shipped("image_template") / DOCKERFILE)
        return []

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        """Build the image.

        Raises:
            MldeployError: MLD302 if the requirements can't be installed, MLD303 if they are
                for another processor, MLD327 without the wheels' hashes, MLD328 if the index
                offers other wheels, MLD358 to MLD360 about the base image and its registry, MLD361
                for a Dockerfile of the user's own, MLD620 if the disk is full.
        """
        self.check(spec)
        wanted = options or BuildOptions()
        place = parsed(spec.base)
        registry = Registry(place.root, *self._logins(spec.base), send=self._send)
        source = Repository(registry, place.name)
        base = read_base(source, place.version, spec.base, spec.platform)
        scratch = Scratch()
        self._scratch.append(scratch)
        python = interpreter_of(spec.python)
        layers = Layers(spec, scratch.path, python, emit, fresh=wanted.no_cache)
        previous = self._previous(wanted)
        try:
            parts = layers.make(previous)
        except OSError as error:
            raise disk_full(error) or error from error
        written = _documents(base, parts, layers)
        before = previous.repository if previous else None
        made = Made(written, base, source, parts, layers.task, layers.requirements, before)
        self._made[written.image_id] = made
        return Built(written.image_id, spec, made.size, base.architecture)

    def _previous(self, options: BuildOptions) -> Previous | None:
        if options.cache is None:
            return None
        reference, login = options.cache
        return Previous(login.opened(self._send), reference.partition("@")[2])

    def push(self, built: Built, repository: RepositoryTarget, emit: Emit) -> ImageRef:
        """Push the blobs missing in the repository, then the manifest under the target's tag.

        Raises:
            MldeployError: MLD358 or MLD359 about a registry, MLD504 and others about the network.
        """
        tag = repository.tag or built.spec.fingerprint
        return push(self.made(built.image_id), repository.opened(self._send), tag, emit)

    def save(self, built: Built, target: Path) -> None:
        """Write the image to a file for `docker load` and tools for OCI image layouts.

        Raises:
            MldeployError: MLD358 or MLD359 about the base's registry, MLD620 if the disk is full.
            OSError: the file can't be written.
        """
        try:
            save(self.made(built.image_id), built.spec.local_tag, target)
        except OSError as error:
            raise disk_full(error) or error from error

    def attach(
        self, documents: Iterable[Document], subject: Subject, repository: RepositoryTarget
    ) -> None:
        """Attach documents to a pushed image.

        Raises:
            MldeployError: MLD354.
        """
        attach(documents, subject, repository.opened(self._send))

    def tidy(self, retention: Retention, emit: Emit) -> None:
        """Remove the folders of this process's builds; no image stays on this machine."""
        del retention, emit
        while self._scratch:
            self._scratch.pop().cleanup()


def _documents(base: Base, parts: tuple[Part, ...], layers: Layers) -> Documents:
    dockerfile = content_of(layers.spec, DOCKERFILE).decode()
    told = {LABEL: label_of(layers.key, parts[0].layer)}
    container = Container(
        dict(variables_in(dockerfile)),
        tuple(command_in(dockerfile)),
        {**dict(layers.spec.labels), **told},
    )
    return documents(base, [(part.name, part.layer) for part in parts], container)

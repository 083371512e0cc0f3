"""Builds images for the embedded AWS, all on this machine."""

import secrets
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mldeploy.aws.clients import Clients
from mldeploy.embedded.images import HereImage, store
from mldeploy.embedded.place import Cloud, Mode
from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note
from mldeploy.facts.media_types import DOCKER_MANIFEST
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
from mldeploy.local.ways.runnable import require_runtime_client
from mldeploy.local.ways.staging import Staged, stage
from mldeploy.text.digests import registry_digest

_CANT_BUILD = {"MLD301", "MLD302"}


@contextmanager
def _other_way() -> Iterator[None]:
    """Add to a build's error that functions can also run without an engine.

    A running engine may lack a base image, a network or a builder. The original error is kept,
    because it may be the project's fault.
    """
    try:
        yield
    except MldeployError as error:
        if error.code in _CANT_BUILD:
            error.hint += (
                "; or run functions without Docker: `mldeploy local stop`, then `mldeploy local "
                "start --functions process`"
            )
        raise


class EmbeddedBuilder:
    """Builds with an engine, or copies files; a push stores the location in the embedded ECR.

    Args:
        cloud: the embedded AWS.
        engine: builds images if functions run as containers.
        clients: of the embedded AWS.
    """

    def __init__(self, cloud: Cloud, engine: Builder, clients: Clients) -> None:
        self._cloud, self._engine, self._clients = cloud, engine, clients
        self._staged: dict[str, Staged] = {}

    def check(self, spec: ImageSpec) -> list[str]:
        """Return problems that are known before a build."""
        with _other_way():
            return self._engine.check(spec) if self._cloud.runs is Mode.CONTAINER else []

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        """Build the image with the engine, or copy its files.

        Raises:
            MldeployError: of the engine's builder; MLD602 if functions can't run here.
        """
        match self._cloud.runs:
            case Mode.CONTAINER:
                del options  # no registry has a previous image
                with _other_way():
                    return self._engine.build(spec, emit)
            case Mode.PROCESS:
                require_runtime_client()
                staged = self._staged[spec.fingerprint] = self._stage(spec)
                for remark in staged.remarks:
                    emit(Note(f"differs from the image: {remark}", "warning"))
                size = sum(one.stat().st_size for one in staged.folder.rglob("*") if one.is_file())
                return Built(str(staged.folder), spec, size, spec.architecture)

    def _stage(self, spec: ImageSpec) -> Staged:
        """Copy an image's files atomically."""
        images = self._cloud.folder / "images"
        draft = images / f"{spec.fingerprint}.{secrets.token_hex(4)}"
        try:
            staged = stage(spec, draft)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        folder = images / spec.fingerprint
        try:
            draft.rename(folder)
        except OSError:  # it exists, and may be running
            shutil.rmtree(draft)
        return replace(staged, folder=folder)

    def push(self, built: Built, repository: RepositoryTarget, emit: Emit) -> ImageRef:
        """Store a manifest with the image's location on this machine."""
        del emit
        spec = built.spec
        match self._cloud.runs:
            case Mode.CONTAINER:
                here = HereImage(engine=built.image_id)
            case Mode.PROCESS:
                staged = self._staged[spec.fingerprint]
                here = HereImage(
                    folder=built.image_id,
                    variables=staged.variables,
                    absent=staged.absent,
                    python=sys.executable,
                )
        manifest = store(self._cloud.folder, here, dict(spec.labels), built.architecture)
        digest = registry_digest(manifest.encode())
        self._clients.ecr.put_image(
            repositoryName=repository.uri.partition("/")[2],
            imageManifest=manifest,
            imageManifestMediaType=DOCKER_MANIFEST,
            imageTag=repository.tag or spec.fingerprint,
            # moto would use the layers, but there are none.
            imageDigest=digest,
        )
        return ImageRef(digest, 0, 0, 0)

    def save(self, built: Built, target: Path) -> None:
        """Write what the engine built to a file; a staged folder is no image."""
        self._engine.save(built, target)

    def attach(
        self, documents: Iterable[Document], subject: Subject, repository: RepositoryTarget
    ) -> None:
        """Do nothing: the image and its bundle stay on this machine."""

    def tidy(self, retention: Retention, emit: Emit) -> None:
        """Remove superseded images; copied files are removed with the embedded AWS."""
        if self._cloud.runs is Mode.CONTAINER:
            self._engine.tidy(retention, emit)

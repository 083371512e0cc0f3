"""Builds and pushes images with the Docker SDK."""

from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from mldeploy.errors import MldeployError
from mldeploy.events import Emit, Note, Progress
from mldeploy.files.whole import whole
from mldeploy.http.registry import Send
from mldeploy.http.streams import answered
from mldeploy.images.attaching import attach
from mldeploy.images.attachments import Document, Subject
from mldeploy.images.builder import (
    INCOMING,
    BuildOptions,
    Built,
    ImageRef,
    RepositoryTarget,
    Retention,
)
from mldeploy.images.context import context_archive, require_hashes
from mldeploy.images.docker.connection import connect, mend_credential_store, translated
from mldeploy.images.docker.errors import build_error, push_error, refused_build
from mldeploy.images.docker.leftovers import tidy
from mldeploy.images.docker.pushing import followed, login_of, start_push
from mldeploy.images.docker.searching import search
from mldeploy.images.spec import ImageSpec

_LAST_LINES = 25


class DockerBuilder:
    """Builds images with the Docker SDK's classic builder; connects when first used.

    Args:
        api: docker-py's low-level client; the environment's engine if None.
        send: sends a request to a registry; see `mldeploy.http.streams.answered`.
    """

    def __init__(self, api: Any = None, send: Send = answered) -> None:
        self._given = api
        self._send = send
        self._made: set[str] = set()

    @cached_property
    def api(self) -> Any:
        """The engine's client, connected when first used.

        Raises:
            MldeployError: MLD301.
        """
        return connect() if self._given is None else self._given

    def check(self, spec: ImageSpec) -> list[str]:
        """Return problems that are known before a build."""
        del spec  # another builder may need to read it
        with translated():
            info = self.api.info()
        if info.get("OSType") != "linux":
            return [f"the Docker engine builds {info.get('OSType')} images, but Lambda runs Linux"]
        return []

    def build(self, spec: ImageSpec, emit: Emit, options: BuildOptions | None = None) -> Built:
        """Build the image unless it exists on this machine.

        Raises:
            MldeployError: MLD301 without an engine, MLD302 if the build fails, MLD307
                if the image contains the index's login, MLD327 without the wheels' hashes,
                MLD328 if the index returns other wheels.
        """
        wanted = options or BuildOptions()
        problems = self.check(spec)
        if problems:
            raise MldeployError("MLD301", "; ".join(problems), "switch Docker to Linux containers")
        if wanted.no_cache or wanted.pull or self._image(spec.local_tag) is None:
            require_hashes(spec)
            cache = self._pulled(spec, wanted, emit)
            self._build(spec, emit, wanted, cache)
        self._search_secrets(spec, emit)
        built = self._built(spec)
        self._made.add(built.image_id)
        return built

    def _image(self, reference: str) -> dict[str, Any] | None:
        from docker.errors import ImageNotFound

        with translated():
            try:
                return dict(self.api.inspect_image(reference))
            except ImageNotFound:
                return None

    def _pulled(self, spec: ImageSpec, options: BuildOptions, emit: Emit) -> list[str]:
        """Pull the previous image as a cache, unless this machine has a better one.

        An engine with an explicit cache uses nothing else and would rebuild its own stages.
        """
        source = options.cache
        if source is None or options.no_cache or self._has_requirements(spec):
            return []
        reference, login = source
        emit(Progress("build", "pulling the previous image as a build cache"))
        failure = ""
        try:
            with translated():
                for event in self.api.pull(
                    reference, stream=True, decode=True, auth_config=login_of(login)
                ):
                    failure = failure or str(event.get("error", ""))
        except MldeployError as error:
            failure = error.message
        if failure:
            emit(
                Note(f"building without a cache: the previous image couldn't be pulled ({failure})")
            )
        return [] if failure else [reference]

    def _has_requirements(self, spec: ImageSpec) -> bool:
        """Return whether this machine has built an image with the same requirements."""
        wanted = ("mldeploy.project", "mldeploy.requirements")
        labels = [f"{name}={value}" for name, value in spec.labels if name in wanted]
        with translated():
            return bool(self.api.images(filters={"label": labels}))

    def _build(self, spec: ImageSpec, emit: Emit, options: BuildOptions, cache: list[str]) -> None:
        lines: deque[str] = deque(maxlen=_LAST_LINES)
        mend_credential_store(self.api, emit)
        with context_archive(spec) as archive, translated(partial(refused_build, spec)):
            events = self.api.build(
                fileobj=archive,
                custom_context=True,
                encoding=None,
                tag=spec.local_tag,
                platform=spec.platform,
                buildargs=_arguments(spec),
                labels=dict(spec.labels),
                cache_from=cache or None,
                nocache=options.no_cache,
                pull=options.pull,
                rm=True,
                forcerm=True,
                decode=True,
            )
            for event in events:
                if "error" in event:
                    raise build_error(spec, str(event["error"]), lines)
                for line in str(event.get("stream", "")).splitlines():
                    if line.strip():
                        lines.append(line)
                        emit(Progress("build", line.strip()[:120]))

    def _search_secrets(self, spec: ImageSpec, emit: Emit) -> None:
        """Raise if the final image contains the index's login.

        Existing images are searched, too, because their build may have been killed before.
        """
        if not spec.index_secrets or self._image(spec.local_tag) is None:
            return
        with translated():
            found = search(self.api, spec.local_tag, spec.index_secrets)
            for layer in found.closed:
                emit(
                    Note(
                        f"layer {layer[:12]} of the image is compressed with zstd, which this "
                        "Python can't decompress, so it wasn't searched for the index's login",
                        "warning",
                    )
                )
            if not found.secret:
                return
            self.api.remove_image(spec.local_tag, force=True)
        raise MldeployError(
            "MLD307",
            "the image contains the login of [image] index_url, in its history or in a file",
            "install requirements in a build stage that is discarded: your Dockerfile passes the "
            "login to the final stage",
        )

    def _built(self, spec: ImageSpec) -> Built:
        found = self._image(spec.local_tag)
        if found is None:
            raise MldeployError(
                "MLD302",
                f"the build made no image {spec.local_tag}",
                "run `mldeploy build` again",
            )
        size = self._unpacked(spec.local_tag) or int(found["Size"])
        return Built(found["Id"], spec, size, str(found["Architecture"]))

    def _unpacked(self, reference: str) -> int:
        """Return the uncompressed bytes of an image's layers, which Lambda limits.

        A containerd store's `Size` is that of the compressed content (28.5.2; moby,
        daemon/containerd/image.go), and a layer's size in the history is that of its snapshot.
        """
        with translated():
            return sum(int(layer.get("Size") or 0) for layer in self.api.history(reference))

    def push(self, built: Built, repository: RepositoryTarget, emit: Emit) -> ImageRef:
        """Push the image with the target's tag and a login for this push only.

        Raises:
            MldeployError: MLD306 for an error in the stream, which the SDK doesn't raise.
        """
        tag = repository.tag or built.spec.fingerprint
        reference = f"{repository.uri}:{tag}"
        with translated(partial(push_error, reference)):
            self.api.tag(built.image_id, repository.uri, tag)
            try:
                events = start_push(self.api, repository, tag, built.architecture)
                return followed(events, reference, emit)
            finally:
                # The push's own result counts, even if the engine has died.
                with suppress(Exception):
                    self.api.remove_image(reference, noprune=True)
                    self._end_names_of_pushes(built.image_id, repository.uri)

    def save(self, built: Built, target: Path) -> None:
        """Write the image to a file, as `docker save` does.

        Raises:
            MldeployError: MLD301.
            OSError: the file can't be written.
        """
        with whole(target) as part, translated(), part.open("wb") as file:
            for chunk in self.api.get_image(built.spec.local_tag):
                file.write(chunk)

    def attach(
        self, documents: Iterable[Document], subject: Subject, repository: RepositoryTarget
    ) -> None:
        """Attach documents to a pushed image.

        Raises:
            MldeployError: MLD354.
        """
        attach(documents, subject, repository.opened(self._send))

    def _end_names_of_pushes(self, image: str, uri: str) -> None:
        """Remove an image's tags of earlier pushes during which the engine died."""
        for name in self.api.inspect_image(image).get("RepoTags") or []:
            if name.startswith(f"{uri}:{INCOMING}"):
                self.api.remove_image(name, noprune=True)

    def tidy(self, retention: Retention, emit: Emit) -> None:
        """Remove superseded images, except those that this process built."""
        tidy(self.api, replace(retention, used=retention.used | self._made), emit)


def _arguments(spec: ImageSpec) -> dict[str, str]:
    """Return the Dockerfile's build arguments: the base, and the stages' labels."""
    labels = dict(spec.labels)
    given = {"REQUIREMENTS": "mldeploy.requirements", "MODEL": "mldeploy.model"}
    return {"BASE": spec.base, **{name: labels.get(one, "") for name, one in given.items()}}
